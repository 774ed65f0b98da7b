import type { HlsStream } from '@amphi/egress';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { Thumbnails } from '../live/thumbnails.ts';
import { HlsViewers } from '../live/viewers.ts';
import { createHls } from './hls.ts';
import { createThumbnailRoutes } from './thumbnails.ts';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const stream = { state: 'live', newestStart: () => Buffer.from('film') } as unknown as HlsStream;

/** Open events are found without a signature, private ones by theirs. */
const find = (roomId: string, signature: string | undefined) =>
  signature === (roomId === 'private' ? 'secret' : undefined) && roomId !== 'empty' ? stream : undefined;
const thumbnails = new Thumbnails({ make: async () => Buffer.from('picture'), logger });
const { routes: hls } = createHls({ find, viewers: new HlsViewers(), addressOf: () => 'here' });
const app = new Hono().route('/live', createThumbnailRoutes({ find, thumbnails }).route('/', hls));

test('the picture of a live event, told by an ETag and kept by caches until there is another one', async () => {
  const response = await app.request('/live/lab/thumb.jpg');
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('picture');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/jpeg',
    'cache-control': 'public, max-age=10',
    'access-control-allow-origin': '*',
  });
  const etag = response.headers.get('etag') ?? '';
  const again = await app.request('/live/lab/thumb.jpg', { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
});

test('a private event shows it to those only who have its path', async () => {
  expect((await app.request('/live/private/thumb.jpg')).status).toBe(404);
  expect((await app.request('/live/private/~wrong/thumb.jpg')).status).toBe(404);
  expect((await app.request('/live/private/~secret/thumb.jpg')).status).toBe(200);
  const none = await app.request('/live/empty/thumb.jpg');
  expect(none.status).toBe(404);
  expect(none.headers.get('cache-control')).toBe('public, max-age=1');
});
