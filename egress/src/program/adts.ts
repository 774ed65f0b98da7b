const HEADER = 7;

/** Takes AAC frames out of an ADTS stream (ISO/IEC 14496-3 section 1.A.2.2), which comes in pieces of any size. */
export class AdtsParser {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete by this piece, without their headers. What is not ADTS is passed over. */
  push(piece: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    while (bytes.length >= HEADER) {
      const isSync = bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0;
      const length = (((bytes[3] ?? 0) & 3) << 11) | ((bytes[4] ?? 0) << 3) | ((bytes[5] ?? 0) >> 5);
      // The bit says that there is no checksum of two bytes.
      const header = ((bytes[1] ?? 0) & 1) === 1 ? HEADER : HEADER + 2;
      if (!isSync || length < header) {
        bytes = bytes.subarray(1);
        continue;
      }
      if (bytes.length < length) break;
      frames.push(Buffer.from(bytes.subarray(header, length)));
      bytes = bytes.subarray(length);
    }
    this.#rest = bytes;
    return frames;
  }
}
