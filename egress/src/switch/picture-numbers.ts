/** Where the numbers of a picture stand in a payload; undefined what it does not have. */
type Places = { pictureId: { at: number; bits: 7 | 15 } | undefined; tl0: number | undefined };

const NOWHERE: Places = { pictureId: undefined, tl0: undefined };

/**
 * VP8 and VP9 number their pictures in each packet, and receivers take a number that goes back for an old picture. Where one
 * stream follows another its numbers are moved so that they go on after those of the one before.
 */
export class PictureNumbers {
  readonly #mimeType: string;
  #pictureId = 0;
  #tl0 = 0;
  #shift: { pictureId: number; tl0: number } | undefined;

  /** @param mimeType in lower case */
  constructor(mimeType: string) {
    this.#mimeType = mimeType;
  }

  /** The next packet is the first of another stream. */
  begin(): void {
    this.#shift = undefined;
  }

  /** Writes the numbers into a payload that is its own copy. `newest`: it is none that comes late. */
  write(payload: Buffer, newest: boolean): void {
    const { pictureId, tl0 } = placesOf(this.#mimeType, payload);
    if (pictureId === undefined && tl0 === undefined) return;
    const was = {
      pictureId: pictureId ? readId(payload, pictureId) : 0,
      tl0: tl0 === undefined ? 0 : (payload[tl0] ?? 0),
    };
    this.#shift ??= { pictureId: this.#pictureId + 1 - was.pictureId, tl0: this.#tl0 + 1 - was.tl0 };
    const is = { pictureId: was.pictureId + this.#shift.pictureId, tl0: (was.tl0 + this.#shift.tl0) & 0xff };
    if (pictureId) writeId(payload, pictureId, is.pictureId);
    if (tl0 !== undefined) payload[tl0] = is.tl0;
    if (newest) {
      if (pictureId) this.#pictureId = is.pictureId & (2 ** pictureId.bits - 1);
      this.#tl0 = is.tl0;
    }
  }
}

function placesOf(mimeType: string, payload: Buffer): Places {
  if (mimeType === 'video/vp8') return ofVp8(payload);
  return mimeType === 'video/vp9' ? ofVp9(payload) : NOWHERE;
}

/** RFC 7741 section 4.2. */
function ofVp8(payload: Buffer): Places {
  const [first = 0, extension = 0] = payload;
  if ((first & 0x80) === 0 || payload.length < 6) return NOWHERE;
  let at = 2;
  let pictureId: Places['pictureId'];
  if ((extension & 0x80) !== 0) {
    pictureId = idAt(payload, at);
    at += pictureId.bits === 7 ? 1 : 2;
  }
  return { pictureId, tl0: (extension & 0x40) === 0 ? undefined : at };
}

/** RFC 9628 section 4.2. */
function ofVp9(payload: Buffer): Places {
  const [first = 0] = payload;
  if (payload.length < 6) return NOWHERE;
  let at = 1;
  let pictureId: Places['pictureId'];
  if ((first & 0x80) !== 0) {
    pictureId = idAt(payload, at);
    at += pictureId.bits === 7 ? 1 : 2;
  }
  // Layer indices stand before it, and in flexible mode there is none.
  const hasTl0 = (first & 0x20) !== 0 && (first & 0x10) === 0;
  return { pictureId, tl0: hasTl0 ? at + 1 : undefined };
}

function idAt(payload: Buffer, at: number): { at: number; bits: 7 | 15 } {
  return { at, bits: ((payload[at] ?? 0) & 0x80) === 0 ? 7 : 15 };
}

function readId(payload: Buffer, { at, bits }: { at: number; bits: 7 | 15 }): number {
  return bits === 7 ? (payload[at] ?? 0) & 0x7f : payload.readUInt16BE(at) & 0x7fff;
}

function writeId(payload: Buffer, { at, bits }: { at: number; bits: 7 | 15 }, id: number): void {
  if (bits === 7) payload[at] = id & 0x7f;
  else payload.writeUInt16BE(0x8000 | (id & 0x7fff), at);
}
