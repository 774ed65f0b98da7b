import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecrets, openDataFolder } from './data-folder.ts';
import { FatalError } from './fatal.ts';

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'amphi-data-'));
  folder = join(parent, 'deep', 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

const mode = (path: string) => statSync(path).mode & 0o777;

test('the folder is made, and closed to others', () => {
  openDataFolder(folder);
  expect(mode(folder)).toBe(0o700);
  chmodSync(folder, 0o755);
  openDataFolder(folder);
  expect(mode(folder)).toBe(0o700);
});

test('secrets are made once, random, for this user only', () => {
  openDataFolder(folder);
  const first = loadSecrets(folder);
  expect(first.resumeTokenKey).toHaveLength(32);
  expect(mode(join(folder, 'secrets.json'))).toBe(0o600);
  expect(loadSecrets(folder)).toEqual(first);
  rmSync(join(folder, 'secrets.json'));
  expect(loadSecrets(folder)).not.toEqual(first);
});

test('links are signed by a key of their own, the same at every start', () => {
  openDataFolder(folder);
  const { linkKey, tokenKey, resumeTokenKey } = loadSecrets(folder);
  expect(linkKey).toHaveLength(32);
  expect(loadSecrets(folder).linkKey).toEqual(linkKey);
  expect([tokenKey.equals(linkKey), resumeTokenKey.equals(linkKey)]).toEqual([false, false]);
  rmSync(join(folder, 'secrets.json'));
  expect(loadSecrets(folder).linkKey).not.toEqual(linkKey);
});

test('a file of an earlier version gets what it lacks, and keeps what it has', () => {
  openDataFolder(folder);
  const path = join(folder, 'secrets.json');
  const key = randomBytes(32).toString('hex');
  writeFileSync(path, JSON.stringify({ resumeTokenKey: key }), { mode: 0o644 });
  const secrets = loadSecrets(folder);
  expect(secrets.resumeTokenKey.toString('hex')).toBe(key);
  expect(secrets.turnSecret).toMatch(/^[0-9a-f]{64}$/);
  expect(loadSecrets(folder)).toEqual(secrets);
  expect(mode(path)).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['secrets.json']);
});

test('damaged secrets are named, with the cure', () => {
  openDataFolder(folder);
  for (const text of ['', '[]', '{"extra":1}']) {
    writeFileSync(join(folder, 'secrets.json'), text);
    expect(() => loadSecrets(folder)).toThrow(FatalError);
    expect(() => loadSecrets(folder)).toThrow(/secrets\.json .*delete the file, and new secrets are made/);
  }
});

test.each([
  ['resumeTokenKey', 'b0f3c4', 'too short'],
  ['resumeTokenKey', '0'.repeat(64), 'too easy to guess'],
  ['tokenKey', '0123456789abcdef'.repeat(4), 'too easy to guess'],
  ['turnSecret', `changeme${'0123456789abcdefghij'.repeat(3)}`, 'too easy to guess'],
  [
    'tokenKey',
    randomBytes(48)
      .toString('base64')
      .replaceAll(/[^a-z]/gi, 'Q')
      .padEnd(64, 'zyx'),
    'hexadecimal',
  ],
])('a weak %s is refused by name, and not repeated', (name, value, why) => {
  openDataFolder(folder);
  const good = { resumeTokenKey: randomBytes(32).toString('hex'), tokenKey: randomBytes(32).toString('hex') };
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ ...good, [name]: value }));
  const sentence = new RegExp(`The secret "${name}" in .*secrets\\.json is refused \\(.*${why}.*\\): delete the file`);
  expect(() => loadSecrets(folder)).toThrow(sentence);
  expect(() => loadSecrets(folder)).not.toThrow(value);
});

test('a folder that cannot be made is named, with the cure', () => {
  writeFileSync(join(parent, 'deep'), 'a file');
  expect(() => openDataFolder(folder)).toThrow(/data folder .* cannot be used .*"dataDir"/);
});
