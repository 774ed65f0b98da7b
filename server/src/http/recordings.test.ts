import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Library, openFile } from '@amphi/egress';
import { AmphiError } from '@amphi/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDownloads, rangeOf } from './recordings.ts';

describe('rangeOf', () => {
  test.each([
    [undefined, undefined],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-200', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=20-10', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,5-6', undefined],
    ['seconds=1-2', undefined],
  ])('%s', (header, expected) => {
    expect(rangeOf(header, 100)).toEqual(expected);
  });
});

describe('downloads', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'amphi-downloads-'));
    writeFileSync(join(folder, 'film.mp4'), '0123456789');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const get = (path: string, headers: Record<string, string> = {}) => {
    const library = {
      open: (_id: string, file: string, { signature }: { signature: string }) =>
        signature === 'good' ? openFile(folder, 'r', file) : Promise.resolve(undefined),
    } as Partial<Library> as Library;
    const app = createDownloads(library);
    app.onError((error, c) => c.text(error instanceof AmphiError ? error.code : 'internal', 404));
    return app.request(path, { headers });
  };

  test('a signed link gives the file, whole or in parts', async () => {
    const whole = await get('/r/film.mp4?expires=1&signature=good');
    expect([whole.status, whole.headers.get('content-length'), await whole.text()]).toEqual([200, '10', '0123456789']);
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    const part = await get('/r/film.mp4?expires=1&signature=good&download', { range: 'bytes=3-5' });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 3-5/10', '345']);
    expect(part.headers.get('content-disposition')).toBe('attachment; filename="film.mp4"');
    const beyond = await get('/r/film.mp4?expires=1&signature=good', { range: 'bytes=10-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  test('a wrong signature and a file that is gone get one answer', async () => {
    const answers = await Promise.all([
      get('/r/film.mp4?expires=1&signature=bad'),
      get('/r/film.mp4'),
      get('/r/gone.mp4?expires=1&signature=good'),
    ]);
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([404, 'not-found']);
  });
});
