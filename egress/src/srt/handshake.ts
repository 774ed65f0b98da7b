/**
 * The packets by which SRT connections begin and end (draft-sharabayko-srt-01, sections 3.2 and 4.3), as far as somebody in
 * the middle has to know them.
 */

const HEADER = 16;
const HANDSHAKE_END = HEADER + 48;
const CONTROL = 0x8000;
const HANDSHAKE = 0;
const SHUTDOWN = 5;
/** Where fields of a handshake are. */
const AT = { destination: 12, version: 16, encryption: 20, extension: 22, type: 36, socketId: 40, cookie: 44 } as const;
const TYPE = { induction: 1, conclusion: 0xff_ff_ff_ff, failure: 1000 } as const;
/** Says in an induction that it is answered by SRT and not by UDT. */
const MAGIC = 0x4a17;
/** In the extension field of an induction: datagrams, as UDT had it. */
const DATAGRAMS = 2;
/** Types of extensions of a conclusion. */
const KEY_MATERIAL = 3;
const STREAM_ID = 5;
const MAX_STREAM_ID = 512;

/** Why a caller is refused: the codes of libsrt, of which those from 1400 on are as in HTTP. */
export const SRT_REFUSAL = {
  version: 8,
  passphrase: 10,
  badRequest: 1400,
  unauthorized: 1401,
  overload: 1402,
  forbidden: 1403,
  badMode: 1405,
  unacceptable: 1406,
  failed: 1500,
  unavailable: 1503,
} as const;

/** What a caller sends first, and again with the listener's cookie and what it wants. */
export type SrtHandshake = {
  is: 'induction' | 'conclusion';
  version: number;
  /** The keys with which it is going to encrypt, wrapped; undefined where it is not. */
  keyMaterial: Buffer | undefined;
  /** The caller's. */
  socketId: number;
  cookie: number;
  streamId: string;
};

/** Undefined for what is none of a caller. */
export function readHandshake(packet: Buffer): SrtHandshake | undefined {
  if (packet.length < HANDSHAKE_END || !isControl(packet, HANDSHAKE)) return undefined;
  const type = packet.readUInt32BE(AT.type);
  if (type !== TYPE.induction && type !== TYPE.conclusion) return undefined;
  const is = type === TYPE.induction ? 'induction' : 'conclusion';
  return {
    is,
    version: packet.readUInt32BE(AT.version),
    keyMaterial: is === 'conclusion' ? extensionOf(packet, KEY_MATERIAL) : undefined,
    socketId: packet.readUInt32BE(AT.socketId),
    cookie: packet.readUInt32BE(AT.cookie),
    streamId: is === 'conclusion' ? readStreamId(packet) : '',
  };
}

/** A caller's induction, for the conclusion that it sent to somebody else. */
export function inductionOf(conclusion: Buffer): Buffer {
  const packet = Buffer.from(conclusion.subarray(0, HANDSHAKE_END));
  packet.writeUInt32BE(4, AT.version);
  packet.writeUInt16BE(0, AT.encryption);
  packet.writeUInt16BE(DATAGRAMS, AT.extension);
  packet.writeUInt32BE(TYPE.induction, AT.type);
  packet.writeUInt32BE(0, AT.cookie);
  return packet;
}

/** A listener's answer to an induction; no longer than this. */
export function answerInduction(induction: Buffer, cookie: number): Buffer {
  const packet = answerTo(induction);
  packet.writeUInt32BE(5, AT.version);
  packet.writeUInt16BE(0, AT.encryption);
  packet.writeUInt16BE(MAGIC, AT.extension);
  packet.writeUInt32BE(cookie, AT.cookie);
  return packet;
}

/** A listener's refusal of a conclusion. */
export function refuseConclusion(conclusion: Buffer, code: number): Buffer {
  const packet = answerTo(conclusion);
  packet.writeUInt32BE(5, AT.version);
  packet.writeUInt32BE(0, AT.encryption);
  packet.writeUInt32BE(TYPE.failure + code, AT.type);
  return packet;
}

/** The same handshake with another cookie. */
export function withCookie(handshake: Buffer, cookie: number): Buffer {
  const packet = Buffer.from(handshake);
  packet.writeUInt32BE(cookie, AT.cookie);
  return packet;
}

/** Tells the one with this socket that the connection is over. */
export function shutdownFor(socketId: number): Buffer {
  // With the empty word that libsrt puts behind it.
  const packet = Buffer.alloc(HEADER + 4);
  packet.writeUInt16BE(CONTROL | SHUTDOWN, 0);
  packet.writeUInt32BE(socketId, AT.destination);
  return packet;
}

export function isShutdown(packet: Buffer): boolean {
  return packet.length >= HEADER && isControl(packet, SHUTDOWN);
}

function isControl(packet: Buffer, type: number): boolean {
  return packet.readUInt16BE(0) === (CONTROL | type);
}

function answerTo(handshake: Buffer): Buffer {
  const packet = Buffer.from(handshake.subarray(0, HANDSHAKE_END));
  packet.writeUInt32BE(handshake.readUInt32BE(AT.socketId), AT.destination);
  return packet;
}

/** Empty where there is none. */
function readStreamId(packet: Buffer): string {
  const words = Buffer.from(extensionOf(packet, STREAM_ID)?.subarray(0, MAX_STREAM_ID) ?? []);
  // Each is the other way round (section 3.2.1.3).
  return words.swap32().toString('latin1').replace(/\0+$/, '');
}

/** What an extension of a conclusion has; undefined where there is none of this type before anything that is cut off. */
function extensionOf(packet: Buffer, type: number): Buffer | undefined {
  for (let at = HANDSHAKE_END; at + 4 <= packet.length;) {
    const end = at + 4 + packet.readUInt16BE(at + 2) * 4;
    if (end > packet.length) return undefined;
    if (packet.readUInt16BE(at) === type) return packet.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}
