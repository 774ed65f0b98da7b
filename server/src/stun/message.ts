import { createHmac, randomBytes } from 'node:crypto';
import { addressBytes } from './address.ts';

export const MAGIC_COOKIE = 0x2112a442;
const HEADER = 20;

/** Requests of STUN (RFC 8489) and TURN (RFC 8656, RFC 6062). */
export const REQUESTS = { binding: 1, allocate: 3, refresh: 4, permission: 8, channel: 9, connect: 10 } as const;

export const ATTRIBUTES = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  peerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  requestedFamily: 0x0017,
  requestedTransport: 0x0019,
  priority: 0x0024,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;

export type Attribute = [type: number, value: Buffer];

export type Response = {
  transactionId: Buffer;
  attributes: Map<number, Buffer>;
  /** 0 for success. */
  code: number;
  /** Of the whole message, in bytes. */
  size: number;
};

/** A request; with a key it is signed. */
export function encode(type: number, transactionId: Buffer, attributes: readonly Attribute[], key?: Buffer): Buffer {
  const body = Buffer.concat(attributes.map(encodeAttribute));
  if (!key) return Buffer.concat([header(type, body.length, transactionId), body]);
  // The length that is signed counts the signature already.
  const signed = Buffer.concat([header(type, body.length + 24, transactionId), body]);
  const signature = createHmac('sha1', key).update(signed).digest();
  return Buffer.concat([signed, encodeAttribute([ATTRIBUTES.messageIntegrity, signature])]);
}

function header(type: number, length: number, transactionId: Buffer): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(MAGIC_COOKIE, 4);
  return Buffer.concat([bytes, transactionId]);
}

function encodeAttribute([type, value]: Attribute): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** The length of the message or channel data that these bytes of a stream begin; undefined when they are too few to tell. */
export function messageLength(bytes: Buffer): number | undefined {
  const isChannelData = (bytes[0] ?? 0) >= 0x40;
  // Streams carry channel data in multiples of four bytes (RFC 8656 §12.5).
  if (isChannelData) return bytes.length < 4 ? undefined : 4 + Math.ceil(bytes.readUInt16BE(2) / 4) * 4;
  return bytes.length < HEADER ? undefined : HEADER + bytes.readUInt16BE(2);
}

export function decode(bytes: Buffer): Response {
  const attributes = new Map<number, Buffer>();
  for (let at = HEADER; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const error = attributes.get(ATTRIBUTES.errorCode);
  const code = error ? (error[2] ?? 0) * 100 + (error[3] ?? 0) : 0;
  return { transactionId: bytes.subarray(8, HEADER), attributes, code, size: bytes.length };
}

export function newTransactionId(): Buffer {
  return randomBytes(12);
}

/** The value of an address attribute, hidden by the transaction as the RFC wants it (XOR-PEER-ADDRESS). */
export function xorAddress(address: string, port: number, transactionId: Buffer): Buffer {
  const bytes = addressBytes(address);
  const mask = Buffer.alloc(4 + transactionId.length);
  mask.writeUInt32BE(MAGIC_COOKIE, 0);
  transactionId.copy(mask, 4);
  const value = Buffer.alloc(4 + bytes.length);
  value[1] = bytes.length === 4 ? 1 : 2;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  for (const [index, byte] of bytes.entries()) value[4 + index] = byte ^ (mask[index] ?? 0);
  return value;
}

export function uint(value: number, bytes: 1 | 2 | 4): Buffer {
  // One byte stands in the first of four, as in REQUESTED-TRANSPORT; two in the first two, as in CHANNEL-NUMBER.
  const buffer = Buffer.alloc(4);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
