import dns from 'node:dns';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { missingS3, S3_DOMAIN, S3Server } from '../testing/s3/s3-server.ts';
import { createS3, type ObjectStore, type S3Options } from './s3.ts';

const missing = missingS3();
if (missing !== undefined) process.stderr.write(missing);

const PART = 8 * 1024 * 1024;

describe.skipIf(missing)('with a real S3 server', () => {
  let server: S3Server;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await S3Server.start();
    store = createS3(server.options);
  }, 70_000);
  afterAll(() => server?.close());

  const text = async (key: string, start: number, end: number) =>
    new Response(await store.get(key, { start, end })).text();

  test('objects are put, read in parts, listed and deleted', async () => {
    await store.put('a/one.txt', Buffer.from('abcdef'));
    expect([await store.sizeOf('a/one.txt'), await store.sizeOf('a/two.txt')]).toEqual([6, undefined]);
    expect(await text('a/one.txt', 1, 3)).toBe('bcd');
    await expect(text('a/two.txt', 0, 1)).rejects.toMatchObject({ reason: 'gone' });
    expect(await store.list('a/')).toEqual(['a/one.txt']);
    await store.delete('a/one.txt');
    await store.delete('a/one.txt');
    expect(await store.list('a/')).toEqual([]);
  });

  test('a part takes the place of the one before it, and an aborted upload leaves nothing', async () => {
    const upload = { key: 'b/film.mp4', uploadId: await store.beginUpload('b/film.mp4') };
    expect(await store.openUploads('b/')).toEqual([upload]);
    await store.putPart(upload, 1, Buffer.alloc(PART, 'x'));
    const last = await store.putPart(upload, 2, Buffer.from('end'));
    const first = await store.putPart(upload, 1, Buffer.alloc(PART, 'y'));
    await store.completeUpload(upload, [first, last]);
    expect([await store.sizeOf('b/film.mp4'), await store.openUploads('b/')]).toEqual([PART + 3, []]);
    expect(await text('b/film.mp4', PART - 2, PART + 2)).toBe('yyend');

    const other = { key: 'b/other.mp4', uploadId: await store.beginUpload('b/other.mp4') };
    await store.putPart(other, 1, Buffer.from('x'));
    await store.abortUpload(other);
    await store.abortUpload(other);
    expect(await store.openUploads('b/')).toEqual([]);
    await expect(store.putPart(other, 1, Buffer.from('x'))).rejects.toMatchObject({ reason: 'gone' });
  });

  test('lists and uploads under way are read to their ends, of whatever pages they come in', async () => {
    const paged = createS3({ ...server.options, pageSize: 2 });
    const keys = ['c/1', 'c/2', 'c/3', 'c/4', 'c/5'];
    for (const key of keys) await store.put(key, Buffer.from('x'));
    expect(await paged.list('c/')).toEqual(keys);
    // Two of the same key, over the end of a page.
    const begun = [];
    for (const key of ['d/1', 'd/2', 'd/2', 'd/3', 'd/4']) begun.push(await store.beginUpload(key));
    const open = await paged.openUploads('d/');
    expect(open.map(({ uploadId }) => uploadId).toSorted()).toEqual(begun.toSorted());
    for (const upload of open) await store.abortUpload(upload);
  });

  test('the bucket may stand in front of the host name', async () => {
    // Names that no name server knows, as a provider's would be.
    const lookup = vi.spyOn(dns, 'lookup') as unknown as ReturnType<typeof vi.fn>;
    lookup.mockImplementation((host: string, { all }: { all?: boolean }, done: (...answer: unknown[]) => void) => {
      const address = '127.0.0.1';
      if (!host.endsWith(S3_DOMAIN)) done(new Error(`no address of ${host}`));
      else if (all) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    });
    try {
      const { port } = new URL(server.options.endpoint);
      const endpoint = `http://${S3_DOMAIN}:${port}`;
      const hosted = createS3({ ...server.options, endpoint, pathStyle: false });
      await hosted.put('e/one.txt', Buffer.from('abcdef'));
      expect(await text('e/one.txt', 0, 5)).toBe('abcdef');
      expect(await new Response(await hosted.get('e/one.txt', { start: 2, end: 3 })).text()).toBe('cd');
      expect(await hosted.list('e/')).toEqual(['e/one.txt']);
      expect(lookup.mock.calls.map(([host]) => host as string)).toContain(`recordings.${S3_DOMAIN}`);
    } finally {
      lookup.mockRestore();
    }
  });

  const wrong: [what: string, options: Partial<S3Options>, reason: string, said: RegExp][] = [
    ['secret', { secretAccessKey: 'wrong' }, 'keys', /refuses the keys .*"s3\.secretAccessKey"/],
    ['id of the key', { accessKeyId: 'test:nobody' }, 'keys', /refuses the keys .*"s3\.accessKeyId"/],
    ['bucket', { bucket: 'nowhere' }, 'bucket', /no bucket "nowhere": make it, or correct "s3\.bucket"/],
    ['region', { region: 'us-east-1' }, 'region', /set "s3\.region" to eu-test-1/],
    ['address', { endpoint: 'http://127.0.0.1:1' }, 'unreachable', /http:\/\/127\.0\.0\.1:1 cannot be reached/],
  ];
  test.each(wrong)('a wrong %s is said in a sentence', async (_what, options, reason, said) => {
    const asked = createS3({ ...server.options, ...options }).list('');
    await expect(asked).rejects.toMatchObject({ reason, message: expect.stringMatching(said) });
  });
});
