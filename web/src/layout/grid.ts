/** A place on the stage, in CSS pixels from its top left corner. */
export type Rect = { x: number; y: number; width: number; height: number };
export type Size = { width: number; height: number };

/** How a tile may be shaped: its width over its height lies between these. */
export type Aspect = { min: number; max: number };
export const WIDE: Aspect = { min: 16 / 9, max: 16 / 9 };
/** For large screens, where a little cropping at the sides of faces buys much larger tiles. */
export const ROOMY: Aspect = { min: 4 / 3, max: 16 / 9 };
/** For phones held upright, where two or three 16:9 tiles would leave most of the screen empty. */
export const FLEXIBLE: Aspect = { min: 4 / 5, max: 16 / 9 };

/** The size of each tile when `count` of them stand in `columns` columns. */
export function tileSize(count: number, columns: number, box: Size, gap: number, aspect: Aspect): Size {
  const rows = Math.ceil(count / columns);
  const cellWidth = Math.max(0, (box.width - gap * (columns - 1)) / columns);
  const cellHeight = Math.max(0, (box.height - gap * (rows - 1)) / rows);
  if (cellWidth === 0 || cellHeight === 0) return { width: 0, height: 0 };
  const shape = Math.min(aspect.max, Math.max(aspect.min, cellWidth / cellHeight));
  const width = Math.min(cellWidth, cellHeight * shape);
  return { width, height: width / shape };
}

/** The count of columns that makes `count` tiles largest. */
export function bestColumns(count: number, box: Size, gap: number, aspect: Aspect): number {
  let best = 1;
  let bestArea = -1;
  for (let columns = 1; columns <= count; columns++) {
    const size = tileSize(count, columns, box, gap, aspect);
    const area = size.width * size.height;
    if (area > bestArea + 0.5) [best, bestArea] = [columns, area];
  }
  return best;
}

/** Places `count` equal tiles, as large as they can be, centred in the box; a last row that is not full is centred too. */
export function gridRects(count: number, box: Size, gap = 8, aspect: Aspect = WIDE): Rect[] {
  if (count <= 0) return [];
  const columns = bestColumns(count, box, gap, aspect);
  const rows = Math.ceil(count / columns);
  const { width, height } = tileSize(count, columns, box, gap, aspect);
  const top = (box.height - rows * height - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = (box.width - inRow * width - (inRow - 1) * gap) / 2;
    return { x: left + (index % columns) * (width + gap), y: top + row * (height + gap), width, height };
  });
}
