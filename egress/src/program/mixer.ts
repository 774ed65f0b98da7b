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
    const [ringLeft, ringRight] = [this.#left, this.#right];
    for (let at = from - position, slot = from % RING_SAMPLES; at < to - position; at++, slot++) {
      if (slot === RING_SAMPLES) slot = 0;
      ringLeft[slot] = (ringLeft[slot] ?? 0) + (left[at] ?? 0);
      ringRight[slot] = (ringRight[slot] ?? 0) + (right[at] ?? 0);
    }
  }

  /** The next samples, as signed 16 bits, left and right in turns. */
  take(samples: number): Buffer {
    // In the byte order of this machine, which is that of s16le wherever this runs.
    const out = new Int16Array(samples * CHANNELS);
    const [left, right] = [this.#left, this.#right];
    for (let at = 0, slot = this.#position % RING_SAMPLES; at < out.length; at += CHANNELS, slot++) {
      if (slot === RING_SAMPLES) slot = 0;
      out[at] = toInt16(left[slot] ?? 0);
      out[at + 1] = toInt16(right[slot] ?? 0);
      left[slot] = 0;
      right[slot] = 0;
    }
    this.#position += samples;
    return Buffer.from(out.buffer);
  }
}

function toInt16(sample: number): number {
  const size = Math.abs(sample);
  if (size <= KNEE) return Math.round(sample * 32_767);
  const bent = KNEE + (1 - KNEE) * Math.tanh((size - KNEE) / (1 - KNEE));
  return Math.round(Math.sign(sample) * Math.min(1, bent) * 32_767);
}
