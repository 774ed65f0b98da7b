import type { LayoutMode } from '../layout/arrange.ts';
import type { Person, TrackView } from './people.ts';

/** One picture on the stage: somebody's camera, or a screen that somebody shares. */
export type Tile = {
  key: string;
  kind: 'camera' | 'screen';
  person: Person;
  /** Absent when there is no such track, as with the camera off. */
  video: TrackView | undefined;
};

export function screenKey(memberId: string): string {
  return `${memberId}/screen`;
}

/** A tile for everybody, and one more for each shared screen, screens first. */
export function tilesOf(people: readonly Person[]): Tile[] {
  const screens = people.filter((person) => person.tracks.screen !== undefined);
  return [
    ...screens.map((person): Tile => ({
      key: screenKey(person.id),
      kind: 'screen',
      person,
      video: person.tracks.screen,
    })),
    ...people.map((person): Tile => ({ key: person.id, kind: 'camera', person, video: person.tracks.camera })),
  ];
}

type StageInput = { tiles: readonly Tile[]; mode: LayoutMode; pinned: string | null; dominantId: string | null };

/**
 * The tiles that are shown large, if any: what is pinned; else the screens of others; else, where that is the mode, who
 * speaks (or the first other person as long as nobody has).
 */
export function stageKeys({ tiles, mode, pinned, dominantId }: StageInput): string[] {
  if (pinned !== null && tiles.some((tile) => tile.key === pinned)) return [pinned];
  const screens = tiles.filter((tile) => tile.kind === 'screen' && !tile.person.self);
  if (screens.length > 0) return screens.map((tile) => tile.key);
  if (mode === 'grid') return [];
  const faces = tiles.filter((tile) => tile.kind === 'camera' && !tile.person.self);
  const speaker = faces.find((tile) => tile.person.id === dominantId) ?? faces[0];
  return speaker === undefined ? [] : [speaker.key];
}
