/** Writes fields that are not whole bytes, the highest bit first. */
export class BitWriter {
  #bytes: number[] = [];
  #count = 0;

  /** An unsigned number in so many bits, at most 32. */
  write(value: number, bits: number): this {
    for (let bit = bits - 1; bit >= 0; bit--) {
      if (this.#count % 8 === 0) this.#bytes.push(0);
      const last = this.#bytes.length - 1;
      if (Math.floor(value / 2 ** bit) % 2 === 1)
        this.#bytes[last] = (this.#bytes[last] ?? 0) | (0x80 >> (this.#count % 8));
      this.#count += 1;
    }
    return this;
  }

  /** An unsigned Exp-Golomb code, ue(v) of ITU-T H.264 section 9.1. */
  golomb(value: number): this {
    const length = Math.floor(Math.log2(value + 1));
    return this.write(0, length).write(value + 1, length + 1);
  }

  /** Zeros up to the next whole byte. */
  align(): this {
    return this.write(0, (8 - (this.#count % 8)) % 8);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#bytes);
  }
}
