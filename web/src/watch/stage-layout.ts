import type { StageLayout } from '@amphi/features/live/client.ts';
import { gridRects, type Rect, type Size } from '../layout/grid.ts';

/** How much of the stage those get who stand beside the one that is large. */
const SIDE = 0.22;
/** Under somebody who is large, of the height. */
const STRIP = 0.18;
const GAP = 8;

/** What may be shown: screens first, then the people in the order in which they came. */
export type Candidate = { isScreen: boolean; isSpeaking: boolean };

/**
 * Where each of them goes in the box; undefined where a layout leaves one out. `solo`: the first alone. `speaker`: a
 * screen, or else who speaks, large with the others in a strip below. `grid`: all alike. `beside`: a screen, or else who
 * speaks, with the others beside it.
 */
export function stageRects(layout: StageLayout, all: readonly Candidate[], box: Size): (Rect | undefined)[] {
  if (all.length === 0) return [];
  if (layout === 'grid') return gridRects(all.length, box);
  const main = layout === 'solo' ? 0 : mainOf(all);
  if (layout === 'solo' || all.length === 1) return all.map((_, index) => (index === main ? whole(box) : undefined));
  const { large, small } = layout === 'speaker' ? split(box, true, STRIP) : split(box, box.width < box.height, SIDE);
  const others = gridRects(all.length - 1, small).map((rect) => ({
    ...rect,
    x: rect.x + small.x,
    y: rect.y + small.y,
  }));
  return all.map((_, index) => (index === main ? large : others[index < main ? index : index - 1]));
}

function mainOf(all: readonly Candidate[]): number {
  const screen = all.findIndex(({ isScreen }) => isScreen);
  if (screen !== -1) return screen;
  return Math.max(
    0,
    all.findIndex(({ isSpeaking }) => isSpeaking),
  );
}

function whole({ width, height }: Size): Rect {
  return { x: 0, y: 0, width, height };
}

/** A large part, and a small one below or to the right of it. */
function split({ width, height }: Size, below: boolean, share: number): { large: Rect; small: Rect } {
  if (below) {
    const less = Math.round(height * share);
    const large = { x: 0, y: 0, width, height: height - less - GAP };
    return { large, small: { x: 0, y: large.height + GAP, width, height: less } };
  }
  const less = Math.round(width * share);
  const large = { x: 0, y: 0, width: width - less - GAP, height };
  return { large, small: { x: large.width + GAP, y: 0, width: less, height } };
}
