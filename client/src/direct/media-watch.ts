import { receivedByTrack, type Report } from '../stats/report.ts';

/**
 * Tells which tracks have really arrived, from reports taken one after the other: a video has when frames of it were
 * decoded, a voice when packets came, since this watch began (or since the first report that had the track).
 */
export class MediaWatch {
  #baseline = new Map<string, number>();
  #latest = new Map<string, number>();
  #grewAt = -Infinity;
  #fresh: boolean;

  /** With `fresh` all counts begin at zero, as those of a new connection do. */
  constructor(fresh: boolean) {
    this.#fresh = fresh;
  }

  /** Takes a report made at `now`, in milliseconds of any clock. */
  add(report: Report, now: number): void {
    for (const [trackId, count] of receivedByTrack(report)) {
      if (!this.#baseline.has(trackId)) this.#baseline.set(trackId, this.#fresh ? 0 : count);
      if (count > (this.#latest.get(trackId) ?? 0)) this.#grewAt = now;
      this.#latest.set(trackId, count);
    }
  }

  /** Whether the track with this id has arrived. */
  arrived(trackId: string): boolean {
    return (this.#latest.get(trackId) ?? 0) > (this.#baseline.get(trackId) ?? Infinity);
  }

  /** For how long nothing at all has come, in milliseconds. */
  silentFor(now: number): number {
    return now - this.#grewAt;
  }
}
