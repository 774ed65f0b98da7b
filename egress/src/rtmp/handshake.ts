import { randomBytes } from 'node:crypto';

/** The handshake (RTMP 1.0, 5.2): a version, then a packet each way and its echo. Nothing in it is secret or signed. */
export const VERSION = 3;
/** Bytes of C1, C2, S1 and S2. */
export const PACKET = 1536;

/** C0 and C1, or S0 and S1. */
export function hello(): Buffer {
  return Buffer.concat([Buffer.of(VERSION), Buffer.alloc(8), randomBytes(PACKET - 8)]);
}

/** What is awaited of the other end: S0, S1 and S2, or C0 and C1 and later C2. */
export class HandshakeReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Takes what came; answers the first `length` bytes when they are there. */
  take(length: number, data?: Buffer): Buffer | undefined {
    if (data) this.#pending = Buffer.concat([this.#pending, data]);
    if (this.#pending.length < length) return undefined;
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }

  /** What came after the handshake. */
  rest(): Buffer {
    return this.#pending;
  }
}
