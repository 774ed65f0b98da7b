/** What is younger than this counts as somebody who watches now. */
const RECENT_MS = 10_000;
/** Nobody fills the memory by asking for more than these. */
const MAX_KEYS = 50_000;

/**
 * Estimates how many watch by HLS, without knowing anybody: a player that waits for parts asks for each of them once, so
 * that as many watch as asked for the same one; of those that do not wait, their addresses are counted. Behind a cache that
 * puts requests together it is the cache that is counted.
 */
export class HlsViewers {
  readonly #now: () => number;
  /** By playlist, and by the part that was waited for. */
  readonly #parts = new Map<string, { playlist: string; count: number; at: number }>();
  readonly #addresses = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A playlist was asked for; `part`: which part of it was waited for. */
  saw(playlist: string, part: string | undefined, address: string): void {
    const at = this.#now();
    if (this.#parts.size + this.#addresses.size > MAX_KEYS) this.#forget();
    if (part === undefined) {
      this.#addresses.set(`${playlist} ${address}`, at);
      return;
    }
    const key = `${playlist} ${part}`;
    this.#parts.set(key, { playlist, count: (this.#parts.get(key)?.count ?? 0) + 1, at });
  }

  count(): number {
    this.#forget();
    const most = new Map<string, number>();
    for (const { playlist, count } of this.#parts.values()) {
      most.set(playlist, Math.max(most.get(playlist) ?? 0, count));
    }
    return [...most.values()].reduce((sum, count) => sum + count, this.#addresses.size);
  }

  #forget(): void {
    const before = this.#now() - RECENT_MS;
    for (const [key, { at }] of this.#parts) if (at < before) this.#parts.delete(key);
    for (const [key, at] of this.#addresses) if (at < before) this.#addresses.delete(key);
  }
}
