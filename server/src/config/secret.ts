import { z } from 'zod';

/** What people put in place of a secret, and what examples say. */
const WELL_KNOWN =
  /^(.*(changeme|change-me|password|passw0rd|secret|example|default|letmein|qwerty|12345678).*|(.+?)\3+)$/i;

/**
 * Why something is no secret, or undefined when it may be one: long enough, of enough different characters, not a word
 * that everybody knows, not the same again and again.
 */
export function weakness(value: string, least: { length: number; kinds: number }): string | undefined {
  if (!/^[!-~]*$/.test(value)) return 'it has characters that are no part of a secret';
  if (value.length < least.length) return `it is too short, it needs ${least.length} characters`;
  if (new Set(value).size < least.kinds || WELL_KNOWN.test(value)) return 'it is too easy to guess';
  return undefined;
}

/** A secret that two programs share and nobody types: at least 24 characters of 10 kinds. */
export const sharedSecret = z.string().superRefine((value, context) => {
  const why = weakness(value, { length: 24, kinds: 10 });
  if (why !== undefined) context.addIssue(`${why}: make one with "openssl rand -hex 32"`);
});
