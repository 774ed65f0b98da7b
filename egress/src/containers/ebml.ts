/** An EBML element (RFC 8794): its id, its size, what is in it. */
export function element(id: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([idBytes(id), sizeBytes(length), ...parts]);
}

/** The beginning of an element whose end is not known yet. */
export function openElement(id: number): Buffer {
  return Buffer.concat([idBytes(id), Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]);
}

export function uintElement(id: number, value: number): Buffer {
  const bytes = Math.max(1, Math.ceil(Math.log2(value + 1) / 8));
  const content = Buffer.alloc(bytes);
  // More than 48 bits do not occur: times in milliseconds and positions in files.
  content.writeUIntBE(value, 0, Math.min(6, bytes));
  return element(id, content);
}

export function floatElement(id: number, value: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeDoubleBE(value);
  return element(id, content);
}

export function textElement(id: number, value: string): Buffer {
  return element(id, Buffer.from(value, 'utf8'));
}

/** A size in 8 bytes, so that it can be put in later. */
export function longSize(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length) | (1n << 56n));
  return bytes;
}

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1);
  bytes.writeUIntBE(id, 0, bytes.length);
  return bytes;
}

function sizeBytes(length: number): Buffer {
  if (length < 0x7f) return Buffer.from([0x80 | length]);
  if (length < 0x3fff) return Buffer.from([0x40 | (length >> 8), length & 0xff]);
  const bytes = Buffer.alloc(4);
  if (length < 0x0fff_ffff) {
    bytes.writeUInt32BE(0x1000_0000 + length);
    return bytes;
  }
  return longSize(length);
}
