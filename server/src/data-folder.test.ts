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

test('a file of an earlier version gets what it lacks, and keeps what it has', () => {
  openDataFolder(folder);
  const path = join(folder, 'secrets.json');
  writeFileSync(path, JSON.stringify({ resumeTokenKey: 'ab'.repeat(32) }), { mode: 0o644 });
  const secrets = loadSecrets(folder);
  expect(secrets.resumeTokenKey.toString('hex')).toBe('ab'.repeat(32));
  expect(secrets.turnSecret).toMatch(/^[0-9a-f]{64}$/);
  expect(loadSecrets(folder)).toEqual(secrets);
  expect(mode(path)).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['secrets.json']);
});

test('damaged secrets are named, with the cure', () => {
  openDataFolder(folder);
  for (const text of ['', '{}', '{"resumeTokenKey":"short"}']) {
    writeFileSync(join(folder, 'secrets.json'), text);
    expect(() => loadSecrets(folder)).toThrow(FatalError);
    expect(() => loadSecrets(folder)).toThrow(/secrets\.json is damaged: delete it/);
  }
});

test('a folder that cannot be made is named, with the cure', () => {
  writeFileSync(join(parent, 'deep'), 'a file');
  expect(() => openDataFolder(folder)).toThrow(/data folder .* cannot be used .*"dataDir"/);
});
