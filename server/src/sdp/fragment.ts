import { SdpError } from './error.ts';
import type { IceCredentials } from './offer.ts';

/** What a client says while ICE goes on (RFC 8840): its credentials and, which this server has no use for, candidates. */
export type Fragment = { ice: IceCredentials; candidates: number };

/** @throws SdpError */
export function readFragment(text: string): Fragment {
  const value = (name: string) => new RegExp(`^a=${name}:(\\S+)\\s*$`, 'm').exec(text)?.[1];
  const usernameFragment = value('ice-ufrag');
  const password = value('ice-pwd');
  if (usernameFragment === undefined || password === undefined) {
    throw new SdpError(400, 'a=ice-ufrag or a=ice-pwd is missing');
  }
  const candidates = [...text.matchAll(/^a=candidate:/gm)].length;
  return { ice: { usernameFragment, password }, candidates };
}
