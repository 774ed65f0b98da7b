/** FLV files (Video File Format 10.1, annex E), as they go to an ffmpeg and come from one by pipes. */

/** The length of no tag, before the first one, is a part of it. */
const FILE_HEADER = 9 + 4;
const TAG_HEADER = 11;
const TAG_TRAILER = 4;
const AUDIO = 8;
const VIDEO = 9;

/** A tag of media; its body is what RTMP has as a message. */
export type FlvFileTag = { kind: 'audio' | 'video'; ms: number; body: Buffer };

/** The beginning of a file that has this only. */
export function flvHeader(kind: 'audio' | 'video'): Buffer {
  return Buffer.from([0x46, 0x4c, 0x56, 1, kind === 'audio' ? 4 : 1, 0, 0, 0, 9, 0, 0, 0, 0]);
}

/** @param ms is taken modulo 2^31 */
export function flvFileTag({ kind, ms, body }: FlvFileTag): Buffer {
  const tag = Buffer.alloc(TAG_HEADER + body.length + TAG_TRAILER);
  tag[0] = kind === 'audio' ? AUDIO : VIDEO;
  tag.writeUIntBE(body.length, 1, 3);
  tag.writeUIntBE(ms & 0xff_ff_ff, 4, 3);
  tag[7] = (ms / 0x1_00_00_00) & 0x7f;
  body.copy(tag, TAG_HEADER);
  tag.writeUInt32BE(TAG_HEADER + body.length, TAG_HEADER + body.length);
  return tag;
}

/** Takes tags out of an FLV that comes in pieces of any size: each is known to be complete as soon as it is. */
export class FlvReader {
  #rest: Buffer = Buffer.alloc(0);
  #isBegun = false;

  push(piece: Buffer): FlvFileTag[] {
    const tags: FlvFileTag[] = [];
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (!this.#isBegun && bytes.length >= FILE_HEADER) {
      this.#isBegun = true;
      bytes = bytes.subarray(FILE_HEADER);
    }
    while (this.#isBegun && bytes.length >= TAG_HEADER) {
      const length = bytes.readUIntBE(1, 3);
      const end = TAG_HEADER + length + TAG_TRAILER;
      if (bytes.length < end) break;
      const [type] = bytes;
      if (type === AUDIO || type === VIDEO) {
        const ms = bytes.readUIntBE(4, 3) + bytes.readUInt8(7) * 0x1_00_00_00;
        const body = Buffer.from(bytes.subarray(TAG_HEADER, TAG_HEADER + length));
        tags.push({ kind: type === AUDIO ? 'audio' : 'video', ms, body });
      }
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return tags;
  }
}
