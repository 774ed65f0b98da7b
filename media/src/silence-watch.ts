/** Anything that counts what it receives, as a WebRtcTransport does. */
type Counting = { getStats(): Promise<{ bytesReceived: number; recvBitrate: number }[]> };

const SAMPLE_MS = 500;
const SILENT_AFTER_MS = 7500;
const WATCH_MS = 20_000;

/**
 * Notices that somebody whose media was flowing has fallen silent, sooner than the worker's own consent timer (10 s).
 *
 * On a WebRtcServer the worker counts RTP, RTCP and DTLS, but not the consent checks. So silence means something only
 * where there was a flow before: who sends and receives nothing (a direct connection carries the media) is left to the
 * consent timer. It costs a request to the worker per sample, and runs only for a while after somebody had reason to ask.
 */
export class SilenceWatch {
  readonly #transports: readonly Counting[];
  readonly #onChange: () => void;
  #timer: NodeJS.Timeout | undefined;
  #until = 0;
  #bytes: number | undefined;
  #heardAt = 0;
  #flowing = false;
  #silent = false;

  constructor(transports: readonly Counting[], onChange: () => void) {
    this.#transports = transports;
    this.#onChange = onChange;
  }

  /** Whether a flow had stopped for {@link SILENT_AFTER_MS} when last looked. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Looks closely for the next {@link WATCH_MS}. */
  start(): void {
    this.#until = performance.now() + WATCH_MS;
    if (this.#timer !== undefined) return;
    this.heard();
    this.#timer = setInterval(() => void this.#sample(), SAMPLE_MS).unref();
    void this.#sample();
  }

  /** Something else shows that they are there: begins anew. Does not report the change. */
  heard(): void {
    this.#silent = false;
    this.#flowing = false;
    this.#bytes = undefined;
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #sample(): Promise<void> {
    const timer = this.#timer;
    let bytes = 0;
    let recently = false;
    try {
      for (const transport of this.#transports) {
        for (const stats of await transport.getStats()) {
          bytes += stats.bytesReceived;
          recently ||= stats.recvBitrate > 0;
        }
      }
    } catch {
      this.stop();
      return;
    }
    if (timer !== this.#timer) return;
    const now = performance.now();
    if (this.#bytes === undefined) this.#flowing = recently;
    else if (bytes !== this.#bytes) {
      this.#flowing = true;
      this.#heardAt = now;
    }
    this.#bytes = bytes;
    const silent = this.#flowing && now - this.#heardAt >= SILENT_AFTER_MS;
    if (silent !== this.#silent) {
      this.#silent = silent;
      this.#onChange();
    }
    if (now >= this.#until && !silent) this.stop();
  }
}
