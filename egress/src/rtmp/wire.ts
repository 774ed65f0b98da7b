import type { Duplex } from 'node:stream';
import { type AmfValue, encodeAmf } from './amf0.ts';
import { ChunkReader, controlMessage, RTMP, type RtmpMessage, writeChunks } from './chunks.ts';

/** Payload of the chunks that are written once the other end has been told. */
const CHUNK_SIZE = 4096;
/** Until then (RTMP 1.0, 5.4.1). */
const FIRST_CHUNK_SIZE = 128;
/** Bytes after half of which the other end is told that they arrived, until it asks for other ones. */
export const WINDOW = 2_500_000;
const PING = 6;
const PONG = 7;

/** One connection after its handshake, whichever end this is: messages both ways, and what RTMP says of the connection itself. */
export class RtmpWire {
  readonly #socket: Duplex;
  readonly #chunks: ChunkReader;
  readonly #leastWindow: number;
  #received = 0;
  #acknowledged = 0;
  #window = WINDOW;

  /**
   * @param maxMessage  the most bytes that a message may have
   * @param leastWindow who wants to be told of less than so many bytes is told of so many
   */
  constructor(socket: Duplex, maxMessage: number, leastWindow: number) {
    this.#socket = socket;
    this.#chunks = new ChunkReader(maxMessage);
    this.#leastWindow = leastWindow;
  }

  set maxMessage(bytes: number) {
    this.#chunks.maxMessage = bytes;
  }

  /** Whether nothing has come yet. */
  get isFresh(): boolean {
    return this.#received === 0;
  }

  /** So many bytes of the handshake came. */
  count(bytes: number): void {
    this.#received += bytes;
  }

  /** Takes what came and answers the messages that it completes. @throws RtmpProtocolError */
  push(data: Buffer): RtmpMessage[] {
    this.#received += data.length;
    if (this.#received - this.#acknowledged >= this.#window / 2) {
      this.#acknowledged = this.#received;
      this.write(2, controlMessage(RTMP.acknowledgement, this.#received >>> 0));
    }
    return this.#chunks.push(data);
  }

  /** Does what a message asks of the connection itself; others are passed over. */
  control({ type, payload }: RtmpMessage): void {
    if (type === RTMP.windowSize && payload.length >= 4) {
      this.#window = Math.max(this.#leastWindow, payload.readUInt32BE());
    } else if (type === RTMP.userControl && payload.length >= 6 && payload.readUInt16BE() === PING) {
      const pong = Buffer.from(payload.subarray(0, 6));
      pong.writeUInt16BE(PONG);
      this.write(2, { type: RTMP.userControl, streamId: 0, timestamp: 0, payload: pong });
    }
  }

  command(chunkStream: number, streamId: number, ...values: AmfValue[]): void {
    this.write(chunkStream, { type: RTMP.command, streamId, timestamp: 0, payload: encodeAmf(...values) });
  }

  /** Says how large chunks are from now on; `first` is said before that, in small ones. */
  begin(...first: RtmpMessage[]): void {
    for (const message of [...first, controlMessage(RTMP.setChunkSize, CHUNK_SIZE)]) {
      this.write(2, message, FIRST_CHUNK_SIZE);
    }
  }

  write(chunkStream: number, message: RtmpMessage, chunkSize = CHUNK_SIZE): void {
    if (this.#socket.writable) this.#socket.write(writeChunks(chunkStream, message, chunkSize));
  }
}
