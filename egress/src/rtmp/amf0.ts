/** What AMF0 says, as far as RTMP uses it. `null` stands for "undefined" as well. */
export type AmfValue = null | boolean | number | string | AmfValue[] | { [key: string]: AmfValue };

/** Markers of types (AMF0, 2.1). */
const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;

/** Nobody nests deeper; what does is not meant to be read. */
const MAX_DEPTH = 8;
/** Values of one message, nested ones included. */
const MAX_VALUES = 1000;

/** Writes values one behind the other. */
export function encodeAmf(...values: readonly AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.of(NULL);
  if (typeof value === 'boolean') return Buffer.of(BOOLEAN, Number(value));
  if (typeof value === 'number') {
    const number = Buffer.alloc(9, NUMBER);
    number.writeDoubleBE(value, 1);
    return number;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    if (text.length <= 0xffff) return Buffer.concat([Buffer.of(STRING), named(text)]);
    const head = Buffer.alloc(5, LONG_STRING);
    head.writeUInt32BE(text.length, 1);
    return Buffer.concat([head, text]);
  }
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5, STRICT_ARRAY);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encodeValue)]);
  }
  const pairs = Object.entries(value).flatMap(([key, held]) => [named(Buffer.from(key)), encodeValue(held)]);
  return Buffer.concat([Buffer.of(OBJECT), ...pairs, Buffer.of(0, 0, OBJECT_END)]);
}

function named(text: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}

/** Reads all values of a message. @throws RangeError for what ends early, nests too deep, or is of a type that RTMP has not. */
export function decodeAmf(data: Buffer): AmfValue[] {
  const reader = new Reader(data);
  const values: AmfValue[] = [];
  while (!reader.done) values.push(reader.value(0));
  return values;
}

class Reader {
  readonly #data: Buffer;
  #at = 0;
  #count = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get done(): boolean {
    return this.#at >= this.#data.length;
  }

  value(depth: number): AmfValue {
    if (depth > MAX_DEPTH || ++this.#count > MAX_VALUES) throw new RangeError('the message holds too much');
    const marker = this.#take(1).readUInt8();
    switch (marker) {
      case NUMBER:
        return this.#take(8).readDoubleBE();
      case BOOLEAN:
        return this.#take(1).readUInt8() !== 0;
      case STRING:
        return this.#text(this.#take(2).readUInt16BE());
      case LONG_STRING:
        return this.#text(this.#take(4).readUInt32BE());
      case NULL:
      case UNDEFINED:
        return null;
      case ECMA_ARRAY:
        // The length is a hint only.
        this.#take(4);
        return this.#object(depth);
      case OBJECT:
        return this.#object(depth);
      case STRICT_ARRAY: {
        const length = this.#take(4).readUInt32BE();
        const values: AmfValue[] = [];
        for (let index = 0; index < length; index++) values.push(this.value(depth + 1));
        return values;
      }
      case DATE: {
        const time = this.#take(8).readDoubleBE();
        this.#take(2);
        return time;
      }
      default:
        throw new RangeError(`AMF0 has no type ${marker}`);
    }
  }

  #object(depth: number): AmfValue {
    // Without a prototype, a key that the other end chose means nothing but itself.
    const object = Object.create(null) as Record<string, AmfValue>;
    for (;;) {
      const key = this.#text(this.#take(2).readUInt16BE());
      if (key === '' && this.#data[this.#at] === OBJECT_END) {
        this.#at += 1;
        return object;
      }
      object[key] = this.value(depth + 1);
    }
  }

  #text(length: number): string {
    return this.#take(length).toString();
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#data.length) throw new RangeError('the message ends early');
    const part = this.#data.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
}
