import type { Manifest, Person, Track } from '../recorder/manifest.ts';
import { arrange, type Layout, type Rect, type Shown } from './layout.ts';

/** Where a tile's picture comes from, from the beginning of the segment on. */
export type Picture = { file: string; atMs: number };
export type Tile = { name: string; rect: Rect; picture: Picture | undefined };

/** A stretch of the film in which the same pictures stand in the same places. */
export type Segment = { fromMs: number; toMs: number; tiles: Tile[] };
/** A file with sound, and when it begins in the film. Negative where it began before. */
export type Sound = { file: string; atMs: number };
export type Chapter = {
  atMs: number;
  /** In English, for the film itself. */
  title: string;
  kind: 'start' | 'join' | 'share';
  /** Who joins or shares; empty at the start. */
  name: string;
};

export type Timeline = { durationMs: number; segments: Segment[]; sounds: Sound[]; chapters: Chapter[] };

export type TimelineOptions = { layout: Layout; width: number; height: number; frameRate: number };

/** A speaker is not followed for less than this: pictures that change all the time are worse than a wrong one. */
const MIN_SPEECH_MS = 2000;

/** A video or sound file on the film's time. */
type Clip = { fromMs: number; toMs: number; file: string };

/** Lays out a recording: what is to be seen when, to be heard when, and where chapters begin. */
export function timelineOf(manifest: Manifest, options: TimelineOptions): Timeline {
  const start = manifest.startedAt;
  const frameMs = 1000 / options.frameRate;
  const frames = Math.max(1, Math.round(((manifest.endedAt ?? start) - start) / frameMs));
  const durationMs = frames * frameMs;
  const snap = (ms: number) => Math.round(Math.min(Math.max(ms, 0), durationMs) / frameMs) * frameMs;
  const clips = new Map(manifest.tracks.map((track) => [track, clipsOf(track, start)]));
  const focuses = speakersOf(manifest, durationMs);

  const edges = new Set([0, durationMs]);
  for (const person of manifest.people) {
    const until = presentUntil(person);
    edges.add(snap(person.joinedAt - start));
    if (until !== null) edges.add(snap(until - start));
  }
  for (const [track, list] of clips) {
    if (track.kind !== 'video') continue;
    for (const { fromMs, toMs } of list) edges.add(snap(fromMs)).add(snap(toMs));
    for (const { at } of track.mutes) edges.add(snap(at - start));
  }
  const follows = options.layout === 'speaker' || options.layout === 'screen';
  for (const { atMs } of follows ? focuses : []) edges.add(snap(atMs));

  const times = [...edges].toSorted((a, b) => a - b);
  const segments = times.slice(1).map((toMs, index): Segment => {
    const fromMs = times[index] ?? 0;
    const middle = (fromMs + toMs) / 2;
    const focus = focuses.findLast(({ atMs }) => atMs <= middle)?.personId;
    return { fromMs, toMs, tiles: tilesAt({ manifest, clips, start, fromMs, middle, focus, options }) };
  });
  return {
    durationMs,
    segments: merge(segments),
    sounds: [...clips].flatMap(([{ kind }, list]) =>
      kind === 'audio' ? list.map(({ file, fromMs }) => ({ file, atMs: fromMs })) : [],
    ),
    chapters: chaptersOf(manifest, durationMs),
  };
}

function clipsOf({ parts }: Track, start: number): Clip[] {
  return parts
    .filter(({ durationMs }) => durationMs > 0)
    .map(({ file, startedAt, durationMs }) => ({
      file,
      fromMs: startedAt - start,
      toMs: startedAt - start + durationMs,
    }));
}

type Moment = {
  manifest: Manifest;
  clips: Map<Track, Clip[]>;
  start: number;
  fromMs: number;
  middle: number;
  focus: string | undefined;
  options: TimelineOptions;
};

function tilesAt({ manifest, clips, start, fromMs, middle, focus, options }: Moment): Tile[] {
  const at = start + middle;
  const pictureOf = (track: Track | undefined): Picture | undefined => {
    if (!track || isMuted(track, at)) return undefined;
    const clip = clips.get(track)?.find((known) => known.fromMs <= middle && middle < known.toMs);
    return clip && { file: clip.file, atMs: Math.max(0, fromMs - clip.fromMs) };
  };
  const tiles = new Map<string, { shown: Shown; name: string; picture: Picture | undefined }>();
  for (const person of manifest.people) {
    const { id, name, joinedAt, consent } = person;
    if (consent !== 'given' || joinedAt > at || (presentUntil(person) ?? Infinity) < at) continue;
    const own = manifest.tracks.filter(({ personId }) => personId === id);
    for (const track of own.filter(({ source }) => source === 'screen')) {
      const picture = pictureOf(track);
      const shown: Shown = { key: `screen ${track.id}`, kind: 'screen' };
      if (picture) tiles.set(shown.key, { shown, name, picture });
    }
    const pictures = own.filter(({ source }) => source === 'camera').map(pictureOf);
    const shown: Shown = { key: id, kind: 'camera' };
    tiles.set(id, { shown, name, picture: pictures.find((picture) => picture !== undefined) });
  }
  const placed = arrange(
    options.layout,
    [...tiles.values()].map(({ shown }) => shown),
    focus,
    options,
  );
  return [...placed].flatMap(([key, rect]) => {
    const tile = tiles.get(key);
    return tile ? [{ name: tile.name, rect, picture: tile.picture }] : [];
  });
}

/** Whoever agreed no longer is out of the film from then on. */
function presentUntil({ leftAt, withdrawnAt }: Person): number | null {
  return withdrawnAt === undefined ? leftAt : Math.min(withdrawnAt, leftAt ?? Infinity);
}

function isMuted({ mutes }: Track, at: number): boolean {
  return mutes.findLast((mute) => mute.at <= at)?.muted ?? false;
}

/** Who is in focus from when on: those who spoke for long enough. */
function speakersOf({ speakers, startedAt }: Manifest, durationMs: number): { atMs: number; personId: string }[] {
  return speakers.flatMap(({ at, personId }, index) => {
    const until = speakers[index + 1]?.at ?? startedAt + durationMs;
    return personId === null || until - at < MIN_SPEECH_MS ? [] : [{ atMs: at - startedAt, personId }];
  });
}

/** Puts neighbours together between which nothing changes. */
function merge(segments: readonly Segment[]): Segment[] {
  const merged: Segment[] = [];
  for (const segment of segments) {
    const last = merged.at(-1);
    if (last && isContinued(last, segment)) last.toMs = segment.toMs;
    else merged.push({ ...segment });
  }
  return merged;
}

function isContinued(before: Segment, after: Segment): boolean {
  const took = after.fromMs - before.fromMs;
  return (
    before.tiles.length === after.tiles.length &&
    before.tiles.every((tile, index) => {
      const next = after.tiles[index];
      return (
        next !== undefined &&
        next.name === tile.name &&
        JSON.stringify(next.rect) === JSON.stringify(tile.rect) &&
        next.picture?.file === tile.picture?.file &&
        Math.abs((next.picture?.atMs ?? 0) - (tile.picture ? tile.picture.atMs + took : 0)) < 1
      );
    })
  );
}

/** What a recording is looked through by: its start, who came, and what was shared. */
export function chaptersOf({ people, tracks, startedAt }: Manifest, durationMs: number): Chapter[] {
  const named = (id: string) => people.find((person) => person.id === id)?.name ?? '';
  const joins = people
    .filter(({ joinedAt, consent }) => consent === 'given' && joinedAt - startedAt > 1000)
    .map(({ name, joinedAt }): Chapter => ({ atMs: joinedAt - startedAt, title: `${name} joins`, kind: 'join', name }));
  const shares = tracks
    .filter(({ source, parts }) => source === 'screen' && parts.length > 0)
    .map(({ personId, parts }): Chapter => {
      const name = named(personId);
      const atMs = (parts[0]?.startedAt ?? startedAt) - startedAt;
      return { atMs, title: `${name} shares the screen`, kind: 'share', name };
    });
  const inside = [...joins, ...shares].filter(({ atMs }) => atMs > 0 && atMs < durationMs);
  const start: Chapter = { atMs: 0, title: 'Start', kind: 'start', name: '' };
  return [start, ...inside.toSorted((a, b) => a.atMs - b.atMs)];
}
