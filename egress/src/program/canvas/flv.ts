const FILE_HEADER = 9 + 4;
const TAG_HEADER = 11;
const TAG_TRAILER = 4;
const VIDEO = 9;

/** A tag of H.264: the configuration record, or a picture as NAL units behind their lengths. */
export type FlvVideo = { kind: 'config' | 'frame'; keyFrame: boolean; data: Buffer };

/** Takes H.264 out of an FLV that comes in pieces of any size: each tag is known to be complete as soon as it is. */
export class FlvParser {
  #rest: Buffer = Buffer.alloc(0);
  #isBegun = false;

  push(piece: Buffer): FlvVideo[] {
    const out: FlvVideo[] = [];
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (!this.#isBegun && bytes.length >= FILE_HEADER) {
      this.#isBegun = true;
      bytes = bytes.subarray(FILE_HEADER);
    }
    while (this.#isBegun && bytes.length >= TAG_HEADER) {
      const length = bytes.readUIntBE(1, 3);
      const end = TAG_HEADER + length + TAG_TRAILER;
      if (bytes.length < end) break;
      if (bytes[0] === VIDEO && length > 5) {
        const [format = 0, packet = 0] = bytes.subarray(TAG_HEADER);
        const data = Buffer.from(bytes.subarray(TAG_HEADER + 5, TAG_HEADER + length));
        if (packet <= 1) out.push({ kind: packet === 0 ? 'config' : 'frame', keyFrame: format >> 4 === 1, data });
      }
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return out;
  }
}
