import { FLEXIBLE, gridRects, ROOMY, type Rect, type Size } from './grid.ts';
import { gridPageSize, pageOf } from './paging.ts';

export type LayoutMode = 'grid' | 'speaker';
/** Where a tile stands: one of many alike, large, or in the row beside the large ones. */
export type TileRole = 'grid' | 'stage' | 'strip';

export type ArrangeInput = {
  /** Keys of all tiles, in the order in which they are shown. */
  keys: readonly string[];
  /** Keys that are shown large; empty for a grid. */
  stage: readonly string[];
  box: Size;
  phone: boolean;
  page: number;
  gap?: number;
};

export type Placed = { key: string; rect: Rect; role: TileRole };
export type Arrangement = { tiles: Placed[]; page: number; pages: number };

/** Places the tiles of the page that is looked at: a grid, or large tiles with the others in a strip at the side or below. */
export function arrange({ keys, stage, box, phone, page, gap = 8 }: ArrangeInput): Arrangement {
  const aspect = phone ? FLEXIBLE : ROOMY;
  const large = stage.filter((key) => keys.includes(key));
  const rest = keys.filter((key) => !large.includes(key));
  if (large.length === 0) {
    const shown = pageOf(keys, page, gridPageSize(box, gap, aspect, phone));
    const rects = gridRects(shown.items.length, box, gap, aspect);
    return { tiles: placed(shown.items, rects, 'grid'), page: shown.page, pages: shown.pages };
  }
  if (rest.length === 0) {
    return { tiles: placed(large, gridRects(large.length, box, gap, LARGE), 'stage'), page: 0, pages: 1 };
  }
  const strip = stripOf(box, gap);
  const shown = pageOf(rest, page, strip.capacity);
  const tiles = [
    ...placed(large, gridRects(large.length, strip.stage, gap, LARGE), 'stage'),
    ...placed(shown.items, strip.place(shown.items.length), 'strip'),
  ];
  return { tiles, page: shown.page, pages: shown.pages };
}

/** Large tiles take nearly any shape: a shared window is shown whole inside. */
const LARGE = { min: 1.25, max: 2.4 };

function placed(keys: readonly string[], rects: readonly Rect[], role: TileRole): Placed[] {
  return keys.flatMap((key, index) => {
    const rect = rects[index];
    return rect === undefined ? [] : [{ key, rect, role }];
  });
}

/** The strip of small tiles: a column at the right of a wide box, a row at the bottom of a tall one. */
function stripOf(box: Size, gap: number) {
  const column = box.width > box.height * 1.1;
  const width = column
    ? Math.min(240, Math.max(120, box.width * 0.18))
    : Math.min(220, Math.max(104, Math.min((box.width - 2 * gap) / 3, box.height * 0.3)));
  const height = (width * 9) / 16;
  const along = column ? box.height : box.width;
  const each = (column ? height : width) + gap;
  const capacity = Math.max(1, Math.floor((along + gap + 0.01) / each));
  const stage = column
    ? { width: Math.max(0, box.width - width - gap), height: box.height }
    : { width: box.width, height: Math.max(0, box.height - height - gap) };
  const place = (count: number): Rect[] => {
    const start = Math.max(0, (along - count * each + gap) / 2);
    return Array.from({ length: count }, (_, i) =>
      column
        ? { x: box.width - width, y: start + i * each, width, height }
        : { x: start + i * each, y: box.height - height, width, height },
    );
  };
  return { capacity, stage, place };
}
