import { createDecipheriv, pbkdf2Sync } from 'node:crypto';

/** How a Key Material message begins (draft-sharabayko-srt-01, section 3.2.2): version 1, packet type 2, "HAI". */
const BEGIN = Buffer.of(0x12, 0x20, 0x29);
const AT = { saltLength: 14, keyLength: 15, salt: 16 } as const;
const SALT = 16;
const KEY_LENGTHS: ReadonlySet<number> = new Set([16, 24, 32]);
const ROUNDS = 2048;
/** By which a key that was unwrapped is known to be one (RFC 3394 section 2.2.3.1). */
const CHECK = Buffer.alloc(8, 0xa6);

/**
 * Whether the keys in the message by which a caller begins to encrypt can be had with this passphrase (section 6.1.4). It
 * takes about a millisecond.
 */
export function opensKeys(message: Buffer, passphrase: string): boolean {
  const keyLength = (message[AT.keyLength] ?? 0) * 4;
  const isKnown = message.subarray(0, BEGIN.length).equals(BEGIN) && (message[AT.saltLength] ?? 0) * 4 === SALT;
  const wrapped = message.subarray(AT.salt + SALT);
  // One key or two, in blocks of 8 bytes, behind one block.
  if (!isKnown || !KEY_LENGTHS.has(keyLength) || wrapped.length % 8 !== 0 || wrapped.length < keyLength + 8)
    return false;
  const salt = message.subarray(AT.salt + SALT - 8, AT.salt + SALT);
  const key = pbkdf2Sync(passphrase, salt, ROUNDS, keyLength, 'sha1');
  try {
    const unwrap = createDecipheriv(`id-aes${keyLength * 8}-wrap`, key, CHECK);
    unwrap.update(wrapped);
    unwrap.final();
    return true;
  } catch {
    return false;
  }
}
