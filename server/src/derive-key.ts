import { hkdfSync } from 'node:crypto';

/**
 * A key of 32 bytes for one purpose (HKDF with SHA-256, RFC 5869), from which nothing can be learned of the secret or of
 * what others are for. `purpose` is part of what is stored: another one is another key.
 */
export function deriveKey(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}
