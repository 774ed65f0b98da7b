import { bestColumns, tileSize, type Aspect, type Size } from './grid.ts';

/** The narrowest tile in which a face can still be read, in CSS pixels. */
const MIN_TILE_WIDTH = { desktop: 220, phone: 150 };
const MAX_TILES = { desktop: 9, phone: 6 };

/** How many tiles fit on one page of the grid: at most nine, on phones six, none too small to see a face in. */
export function gridPageSize(box: Size, gap: number, aspect: Aspect, phone: boolean): number {
  const kind = phone ? 'phone' : 'desktop';
  for (let count = MAX_TILES[kind]; count > 1; count--) {
    const size = tileSize(count, bestColumns(count, box, gap, aspect), box, gap, aspect);
    if (size.width >= MIN_TILE_WIDTH[kind]) return count;
  }
  return 1;
}

export type Page<T> = { items: T[]; page: number; pages: number };

/** The page with this number (from 0), or the last one when there are fewer by now. */
export function pageOf<T>(items: readonly T[], page: number, size: number): Page<T> {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const current = Math.min(Math.max(0, page), pages - 1);
  return { items: items.slice(current * size, (current + 1) * size), page: current, pages };
}

/**
 * The order of tiles for a grid of which only the first page is seen: whoever spoke lately and would be on a later page
 * takes the place of the one on the first page who has not spoken for longest. Nobody else moves, so that faces stay
 * where they are. `recent` has the latest speaker first; `fixed` ids (oneself, the pinned) are never moved away.
 */
export function promoteSpeakers(
  ids: readonly string[],
  recent: readonly string[],
  size: number,
  fixed: ReadonlySet<string>,
): string[] {
  const order = [...ids];
  const rank = (id: string) => {
    const index = recent.indexOf(id);
    return index === -1 ? Number.POSITIVE_INFINITY : index;
  };
  for (const id of recent.slice(0, Math.max(0, size - fixed.size)).toReversed()) {
    const from = order.indexOf(id);
    if (from < size) continue;
    let to = -1;
    for (let i = 0; i < size; i++) {
      const candidate = order[i];
      if (candidate === undefined || fixed.has(candidate)) continue;
      const quieter = to === -1 || rank(candidate) >= rank(order[to] ?? '');
      if (rank(candidate) > rank(id) && quieter) to = i;
    }
    if (to === -1) continue;
    const out = order[to];
    if (out === undefined) continue;
    order[to] = id;
    order[from] = out;
  }
  return order;
}

/** The last `n` speakers who are not on the page: their video is kept coming, small, so that they appear at once. */
export function warmSpeakers(recent: readonly string[], onPage: ReadonlySet<string>, n: number): string[] {
  return recent.filter((id) => !onPage.has(id)).slice(0, n);
}
