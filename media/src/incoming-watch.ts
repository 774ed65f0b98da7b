/** Anything that measures what it receives, as a WebRtcTransport does: bits per second over the last second. */
type Measuring = { getStats(): Promise<{ recvBitrate: number }[]> };

const SAMPLE_MS = 1000;
/** A sender feels its way beyond the limit before it is told to keep it, and a screen begins with a large picture. */
const TOLERANCE = 2;
/** In a row: a burst is none. */
const SAMPLES_OVER = 2;

/**
 * Notices a member who sends far more than it was told to. Browsers keep to the limit, which is advice (REMB and
 * transport-cc); this is for those who do not. It costs one request to the worker a second, from the first track on.
 */
export class IncomingWatch {
  readonly #transport: Measuring;
  readonly #maxBitrate: number;
  readonly #onFlood: () => void;
  #timer: NodeJS.Timeout | undefined;
  #over = 0;

  /** `onFlood` is called once, two to three seconds after it began. */
  constructor(transport: Measuring, maxBitrate: number, onFlood: () => void) {
    this.#transport = transport;
    this.#maxBitrate = maxBitrate;
    this.#onFlood = onFlood;
  }

  /** Repeating it changes nothing. */
  start(): void {
    this.#timer ??= setInterval(() => void this.#sample(), SAMPLE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #sample(): Promise<void> {
    let bitrate = 0;
    try {
      for (const { recvBitrate } of await this.#transport.getStats()) bitrate += recvBitrate;
    } catch {
      this.stop();
      return;
    }
    if (this.#timer === undefined) return;
    this.#over = bitrate > this.#maxBitrate * TOLERANCE ? this.#over + 1 : 0;
    if (this.#over < SAMPLES_OVER) return;
    this.stop();
    this.#onFlood();
  }
}
