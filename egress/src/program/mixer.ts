/** Samples a second, of all sound of a program. */
export const SAMPLE_RATE = 48_000;
export const CHANNELS = 2;

/** How much sound may lie ahead of what is taken out. */
const RING_SAMPLES = 4 * SAMPLE_RATE;
/** Up to here sound stays as it is; above it is bent, so that several who speak at once do not crack. */
const KNEE = 0.8;

/** Puts the sound of everybody together by when it was, in stereo. Positions are samples on the clock of the program. */
export class Mixer {
  readonly #left = new Float32Array(RING_SAMPLES);
  readonly #right = new Float32Array(RING_SAMPLES);
  #position: number;

  /** `position`: of the first sample that will be taken out. */
  constructor(position: number) {
    this.#position = position;
  }

  /** What comes next out of {@link take}. */
  get position(): number {
    return this.#position;
  }

  /** Adds sound at a position. What is too late, or more than four seconds ahead, is left out. */
  add(position: number, left: Float32Array, right: Float32Array): void {
    const from = Math.max(position, this.#position);
    const to = Math.min(position + left.length, this.#position + RING_SAMPLES);
    for (let at = from; at < to; at++) {
      const slot = at % RING_SAMPLES;
      this.#left[slot] = (this.#left[slot] ?? 0) + (left[at - position] ?? 0);
      this.#right[slot] = (this.#right[slot] ?? 0) + (right[at - position] ?? 0);
    }
  }

  /** The next samples, as signed 16 bits, left and right in turns. */
  take(samples: number): Buffer {
    // In the byte order of this machine, which is that of s16le wherever this runs.
    const out = new Int16Array(samples * CHANNELS);
    for (let index = 0; index < samples; index++) {
      const slot = (this.#position + index) % RING_SAMPLES;
      out[index * CHANNELS] = toInt16(this.#left[slot] ?? 0);
      out[index * CHANNELS + 1] = toInt16(this.#right[slot] ?? 0);
      this.#left[slot] = 0;
      this.#right[slot] = 0;
    }
    this.#position += samples;
    return Buffer.from(out.buffer);
  }
}

function toInt16(sample: number): number {
  const size = Math.abs(sample);
  const bent = size <= KNEE ? size : KNEE + (1 - KNEE) * Math.tanh((size - KNEE) / (1 - KNEE));
  return Math.round(Math.sign(sample) * Math.min(1, bent) * 32_767);
}
