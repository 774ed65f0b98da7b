import type { Report, Stat } from './report.ts';

/** A report of these entries; each may leave out its id where nothing refers to it. */
export function report(...stats: (Partial<Stat> & { type: string })[]): Report {
  return new Map(
    stats.map((stat, index) => {
      const id = stat.id ?? `${stat.type}-${index}`;
      return [id, { timestamp: 0, ...stat, id }];
    }),
  );
}
