import { createHmac } from 'node:crypto';
import type { StreamKey } from '@amphi/rooms';

/** Letters of a passphrase: 192 bits. SRT takes 10 to 79. */
const LENGTH = 32;

/**
 * With what a program encrypts that publishes by SRT with this key. It is made of what is known of the key, so that nothing
 * is kept of it; a key that is replaced has another one.
 * @param secret of this server
 */
export function passphraseOf(secret: Buffer, { id, createdAt }: Pick<StreamKey, 'id' | 'createdAt'>): string {
  return createHmac('sha256', secret).update(`${id} ${createdAt}`).digest('base64url').slice(0, LENGTH);
}
