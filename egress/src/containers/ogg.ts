const HEADER = 27;
const MAGIC = Buffer.from('OggS');

/** Takes packets out of an Ogg stream (RFC 3533) that comes in pieces of any size. What is no page is passed over. */
export class OggParser {
  #rest: Buffer = Buffer.alloc(0);
  #begun: Buffer[] = [];

  push(piece: Buffer): Buffer[] {
    const packets: Buffer[] = [];
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    for (;;) {
      const start = bytes.indexOf(MAGIC);
      if (start > 0) bytes = bytes.subarray(start);
      const segments = bytes[HEADER - 1];
      if (start < 0 || segments === undefined || bytes.length < HEADER + segments) break;
      const table = bytes.subarray(HEADER, HEADER + segments);
      const end = HEADER + segments + table.reduce((sum, length) => sum + length, 0);
      if (bytes.length < end) break;
      this.#page(table, bytes.subarray(HEADER + segments, end), packets);
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return packets;
  }

  #page(table: Buffer, body: Buffer, packets: Buffer[]): void {
    let at = 0;
    for (const length of table) {
      this.#begun.push(body.subarray(at, at + length));
      at += length;
      // A packet ends with the first segment that is not full.
      if (length === 255) continue;
      packets.push(Buffer.concat(this.#begun));
      this.#begun = [];
    }
  }
}
