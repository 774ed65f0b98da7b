import { randomBytes } from 'node:crypto';

const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aiou';

/**
 * Writes 16 bits as five letters that can be read out (https://arxiv.org/html/0901.4016): consonants carry four bits,
 * vowels two.
 */
export function proquint(word: number): string {
  const consonant = (shift: number) => CONSONANTS.charAt((word >> shift) & 15);
  const vowel = (shift: number) => VOWELS.charAt((word >> shift) & 3);
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0);
}

/** A room id of 80 random bits, like `lusab-babad-gutih-tugad-kibof`. */
export function randomRoomId(): string {
  const bytes = randomBytes(10);
  return [0, 2, 4, 6, 8].map((offset) => proquint(bytes.readUInt16BE(offset))).join('-');
}
