/** Types of messages (RTMP 1.0, 5.4 and 7.1) that are read or written here. */
export const RTMP = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const;

/** One message, as it was put together from chunks. */
export type RtmpMessage = {
  type: number;
  streamId: number;
  /** Milliseconds on the sender's clock, modulo 2^32. */
  timestamp: number;
  payload: Buffer;
};

/** What the other end sends is not RTMP, or more than is taken. */
export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError';
}

const FIRST_CHUNK_SIZE = 128;
const EXTENDED = 0xff_ff_ff;
/** Chunk streams that one end may use; programs use four or five. */
const MAX_STREAMS = 16;

type ChunkStream = {
  type: number;
  streamId: number;
  timestamp: number;
  delta: number;
  length: number;
  extended: boolean;
  parts: Buffer[];
  filled: number;
};

/** Puts the chunks of one direction of a connection together to messages. */
export class ChunkReader {
  /** The most bytes that a message may have. */
  maxMessage: number;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = FIRST_CHUNK_SIZE;
  #pending: Buffer = Buffer.alloc(0);

  constructor(maxMessage: number) {
    this.maxMessage = maxMessage;
  }

  /** Takes what came and answers the messages that it completes. @throws RtmpProtocolError */
  push(data: Buffer): RtmpMessage[] {
    this.#pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    const messages: RtmpMessage[] = [];
    for (;;) {
      const before = this.#pending;
      const message = this.#chunk();
      if (message) messages.push(message);
      else if (this.#pending === before) return messages;
    }
  }

  /** Takes one whole chunk off what is pending, if there is one; answers a message that is complete with it. */
  #chunk(): RtmpMessage | undefined {
    const data = this.#pending;
    const [first] = data;
    if (first === undefined) return undefined;
    const format = first >> 6;
    const small = first & 0x3f;
    let at = small === 0 ? 2 : small === 1 ? 3 : 1;
    if (data.length < at) return undefined;
    const id = small === 0 ? 64 + data.readUInt8(1) : small === 1 ? 64 + data.readUInt16LE(1) : small;

    const known = this.#streams.get(id);
    if (known === undefined && format !== 0 && format !== 1) throw new RtmpProtocolError('a chunk without its header');
    const headerLength = [11, 7, 3, 0][format] ?? 0;
    if (data.length < at + headerLength) return undefined;
    if (headerLength > 0 && (known?.filled ?? 0) > 0) throw new RtmpProtocolError('a message within another');
    const time = headerLength > 0 ? data.readUIntBE(at, 3) : 0;
    const extended = headerLength > 0 ? time === EXTENDED : (known?.extended ?? false);
    const length = format <= 1 ? data.readUIntBE(at + 3, 3) : (known?.length ?? 0);
    const type = format <= 1 ? data.readUInt8(at + 6) : (known?.type ?? 0);
    const streamId = format === 0 ? data.readUInt32LE(at + 7) : (known?.streamId ?? 0);
    at += headerLength;
    let given = time;
    if (extended) {
      if (data.length < at + 4) return undefined;
      given = data.readUInt32BE(at);
      at += 4;
    }
    if (length > this.maxMessage) throw new RtmpProtocolError(`a message of ${length} bytes`);

    const filled = known?.filled ?? 0;
    const size = Math.min(this.#chunkSize, length - filled);
    if (data.length < at + size) return undefined;

    const stream = known ?? this.#open(id);
    if (filled === 0) {
      // A header of type 3 that begins a message repeats the step of the one before.
      if (format > 0) stream.delta = format === 3 ? stream.delta : given;
      else stream.delta = 0;
      stream.timestamp = format === 0 ? given : (stream.timestamp + stream.delta) >>> 0;
      Object.assign(stream, { type, streamId, length, extended });
    }
    stream.parts.push(data.subarray(at, at + size));
    stream.filled += size;
    this.#pending = data.subarray(at + size);
    if (stream.filled < stream.length) return undefined;

    const payload = stream.parts.length === 1 ? (stream.parts[0] ?? Buffer.alloc(0)) : Buffer.concat(stream.parts);
    stream.parts = [];
    stream.filled = 0;
    return this.#control({ type, streamId, timestamp: stream.timestamp, payload });
  }

  #open(id: number): ChunkStream {
    if (this.#streams.size >= MAX_STREAMS) throw new RtmpProtocolError('too many chunk streams');
    const stream: ChunkStream = {
      type: 0,
      streamId: 0,
      timestamp: 0,
      delta: 0,
      length: 0,
      extended: false,
      parts: [],
      filled: 0,
    };
    this.#streams.set(id, stream);
    return stream;
  }

  /** What is about the chunks themselves takes effect at once. */
  #control(message: RtmpMessage): RtmpMessage {
    const { type, payload } = message;
    if (type === RTMP.setChunkSize && payload.length >= 4) {
      const size = payload.readUInt32BE() & 0x7f_ff_ff_ff;
      if (size === 0) throw new RtmpProtocolError('chunks of no size');
      this.#chunkSize = size;
    } else if (type === RTMP.abort && payload.length >= 4) {
      const stream = this.#streams.get(payload.readUInt32BE());
      if (stream) {
        stream.parts = [];
        stream.filled = 0;
      }
    }
    return message;
  }
}

/** Cuts a message into chunks, with a whole header before the first. */
export function writeChunks(chunkStream: number, message: RtmpMessage, chunkSize = FIRST_CHUNK_SIZE): Buffer {
  const { type, streamId, timestamp, payload } = message;
  const isExtended = timestamp >= EXTENDED;
  const extra = isExtended ? 4 : 0;
  const chunks = Math.max(1, Math.ceil(payload.length / chunkSize));
  const out = Buffer.alloc(12 + extra + payload.length + (chunks - 1) * (1 + extra));
  out.writeUInt8(chunkStream, 0);
  out.writeUIntBE(isExtended ? EXTENDED : timestamp, 1, 3);
  out.writeUIntBE(payload.length, 4, 3);
  out.writeUInt8(type, 7);
  out.writeUInt32LE(streamId, 8);
  let at = 12;
  for (let index = 0; index < chunks; index++) {
    if (index > 0) at = out.writeUInt8(0xc0 | chunkStream, at);
    if (isExtended) at = out.writeUInt32BE(timestamp >>> 0, at);
    at += payload.copy(out, at, index * chunkSize, (index + 1) * chunkSize);
  }
  return out;
}

/** A message of four bytes about the connection itself. */
export function controlMessage(type: number, value: number): RtmpMessage {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return { type, streamId: 0, timestamp: 0, payload };
}
