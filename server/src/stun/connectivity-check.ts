import { crc32 } from 'node:zlib';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { ATTRIBUTES, decode, encode, newTransactionId, REQUESTS, uint } from './message.ts';

/** Where an ICE agent is (RFC 8445), and what proves that one was told of it. */
export type CheckTarget = {
  protocol: 'udp' | 'tcp';
  address: string;
  port: number;
  usernameFragment: string;
  password: string;
};

/** Whether it answers a connectivity check, as a browser makes them, within `withinMs`. Never rejects. */
export async function answersCheck(target: CheckTarget, withinMs: number): Promise<boolean> {
  const id = newTransactionId();
  const request = bindingRequest(id, target);
  const isAnswer = (bytes: Buffer) => {
    const { transactionId, code } = decode(bytes);
    return transactionId.equals(id) && code === 0;
  };
  return target.protocol === 'udp'
    ? overUdp(target, request, isAnswer, withinMs)
    : overTcp(target, request, isAnswer, withinMs);
}

function bindingRequest(id: Buffer, { usernameFragment, password }: CheckTarget): Buffer {
  const signed = encode(
    REQUESTS.binding,
    id,
    [
      [ATTRIBUTES.username, Buffer.from(`${usernameFragment}:doctor`)],
      [ATTRIBUTES.priority, uint(1, 4)],
      [ATTRIBUTES.iceControlling, Buffer.alloc(8, 1)],
    ],
    Buffer.from(password),
  );
  // The length that the fingerprint is of counts the fingerprint (RFC 8489 §14.7).
  signed.writeUInt16BE(signed.readUInt16BE(2) + 8, 2);
  const fingerprint = Buffer.alloc(8);
  fingerprint.writeUInt16BE(ATTRIBUTES.fingerprint, 0);
  fingerprint.writeUInt16BE(4, 2);
  fingerprint.writeUInt32BE((crc32(signed) ^ 0x5354554e) >>> 0, 4);
  return Buffer.concat([signed, fingerprint]);
}

type IsAnswer = (bytes: Buffer) => boolean;

async function overUdp({ address, port }: CheckTarget, request: Buffer, isAnswer: IsAnswer, withinMs: number) {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    const heard = Promise.withResolvers<boolean>();
    socket.on('message', (bytes) => isAnswer(bytes) && heard.resolve(true));
    socket.on('error', () => heard.resolve(false));
    const send = () => socket.send(request, port, address);
    // Packets get lost.
    const repeat = setInterval(send, withinMs / 4);
    const late = setTimeout(() => heard.resolve(false), withinMs);
    send();
    return await heard.promise.finally(() => {
      clearInterval(repeat);
      clearTimeout(late);
    });
  } finally {
    socket.close();
  }
}

async function overTcp({ address, port }: CheckTarget, request: Buffer, isAnswer: IsAnswer, withinMs: number) {
  const stream = connect({ host: address, port });
  try {
    await once(stream, 'connect', { signal: AbortSignal.timeout(withinMs) });
    const heard = Promise.withResolvers<boolean>();
    let rest = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      // RFC 4571: every message has its length before it.
      if (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) heard.resolve(isAnswer(rest.subarray(2)));
    });
    stream.on('error', () => heard.resolve(false));
    const late = setTimeout(() => heard.resolve(false), withinMs);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(request.length);
    stream.write(Buffer.concat([length, request]));
    return await heard.promise.finally(() => clearTimeout(late));
  } catch {
    return false;
  } finally {
    stream.destroy();
  }
}
