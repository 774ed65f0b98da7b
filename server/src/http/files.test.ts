import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFiles, type Files } from './files.ts';

describe('files', () => {
  let root: string;
  let files: Files;
  const text = 'const answer = 42; '.repeat(50);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'amphi-files-'));
    mkdirSync(join(root, 'dist', 'assets'), { recursive: true });
    writeFileSync(join(root, 'secret.txt'), 'secret');
    writeFileSync(join(root, 'dist', '.env'), 'secret');
    writeFileSync(join(root, 'dist', 'a b.js'), text);
    writeFileSync(join(root, 'dist', 'assets', 'logo.png'), 'png');
    files = createFiles(join(root, 'dist'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('come in the best encoding that the client takes', async () => {
    const get = async (accepted: string) => files.get('/a%20b.js', accepted);
    const [br, gzip, plain] = [await get('gzip, deflate, br'), await get('gzip;q=0.5'), await get('')];
    expect([br?.encoding, gzip?.encoding, plain?.encoding]).toEqual(['br', 'gzip', 'identity']);
    expect(brotliDecompressSync(br?.body ?? '').toString()).toBe(text);
    expect(gunzipSync(gzip?.body ?? '').toString()).toBe(text);
    expect(Buffer.from(plain?.body ?? []).toString()).toBe(text);
    expect((await get('br;q=0, gzip'))?.encoding).toBe('gzip');
    expect(br?.type).toBe('text/javascript; charset=utf-8');
    expect(new Set([br?.etag, gzip?.etag, plain?.etag]).size).toBe(3);
  });

  test('that are compressed already stay as they are', async () => {
    expect(await files.get('/assets/logo.png', 'br')).toMatchObject({ encoding: 'identity', type: 'image/png' });
  });

  test('are read again when they changed', async () => {
    const before = await files.get('/a%20b.js', '');
    writeFileSync(join(root, 'dist', 'a b.js'), 'new');
    utimesSync(join(root, 'dist', 'a b.js'), 1, 1);
    const after = await files.get('/a%20b.js', '');
    expect(Buffer.from(after?.body ?? []).toString()).toBe('new');
    expect(after?.etag).not.toBe(before?.etag);
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/..%5csecret.txt',
    '/.env',
    '/assets',
    '/',
    '/nothing.js',
    '/a%00b',
    '/%zz',
  ])('%s is not one', async (path) => {
    expect(await files.get(path, '')).toBeUndefined();
  });

  test('behind a link inside the folder are served, for packagers who link', async () => {
    symlinkSync(join(root, 'dist', 'a b.js'), join(root, 'dist', 'b.js'));
    expect((await files.get('/b.js', ''))?.encoding).toBe('identity');
  });
});
