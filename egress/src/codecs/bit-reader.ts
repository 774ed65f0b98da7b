/** Reads numbers of any width from bytes, the highest bit first. Past the end it reads zeros. */
export class BitReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** At most 32 bits. */
  read(bits: number): number {
    let value = 0;
    for (let count = 0; count < bits; count++) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  skip(bits: number): void {
    this.#at += bits;
  }

  /** An unsigned Exp-Golomb number (ITU-T H.264 section 9.1). */
  golomb(): number {
    let zeros = 0;
    while (zeros < 32 && this.read(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** A signed one. */
  signedGolomb(): number {
    const value = this.golomb();
    return value % 2 === 0 ? -value / 2 : (value + 1) / 2;
  }
}
