import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCOPES } from '@amphi/protocol/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openServerStore } from '../store/index.ts';
import { openAdminFile } from './admin-file.ts';
import { createApiKeys, newApiKey } from './keys.ts';

const refused = expect.objectContaining({ code: 'unauthorized' });
const DAY_MS = 24 * 3600 * 1000;

describe('API keys', () => {
  test('open until they expire, and their use is written down once a minute', () => {
    const store = openServerStore(':memory:');
    let now = 1_000_000;
    const admin = newApiKey();
    const keys = createApiKeys(store.keys, admin, () => now);
    const root = keys.verify(admin);
    expect(root.scopes).toEqual(SCOPES);
    const { key, id, expiresAt } = keys.create(root, { name: 'shop', scopes: ['tokens', 'tokens'], days: 2 });
    expect(expiresAt).toBe(now + 2 * DAY_MS);
    expect(keys.verify(key)).toMatchObject({ id: `key:${id}`, scopes: ['tokens'], actor: { isServer: true } });
    now += 30_000;
    keys.verify(key);
    expect(keys.list()).toMatchObject([{ usedAt: 1_000_000 }]);
    now += 30_000;
    keys.verify(key);
    expect(keys.list()).toMatchObject([{ usedAt: now, createdBy: 'key:admin' }]);
    now = 1_000_000 + 2 * DAY_MS;
    expect(() => keys.verify(key)).toThrow(refused);
    store.close();
  });

  test.each(['', 'x', newApiKey()])('%j is none', (key) => {
    const store = openServerStore(':memory:');
    expect(() => createApiKeys(store.keys, newApiKey()).verify(key)).toThrow(refused);
    store.close();
  });
});

describe('the file of the command line', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'amphi-admin-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is for this user only, and keeps its key over restarts', () => {
    const path = join(folder, 'admin.json');
    const first = openAdminFile(folder);
    first.announce('http://localhost:3000');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = openAdminFile(folder);
    expect(second.key).toBe(first.key);
    second.announce('https://localhost:4000', 'PEM');
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
    expect(kept).toEqual({ url: 'https://localhost:4000', key: first.key, certificate: 'PEM' });
  });

  test.each(['', '{}', '{"key": "amphi_short"}', '{"key": ""}'])('%j is refused with the cure', (text) => {
    writeFileSync(join(folder, 'admin.json'), text);
    expect(() => openAdminFile(folder)).toThrow(/is damaged: delete it/);
  });
});
