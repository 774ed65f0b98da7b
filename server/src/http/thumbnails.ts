import type { HlsStream } from '@amphi/egress';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { THUMBNAIL_EVERY_MS, type Thumbnails } from '../live/thumbnails.ts';

type Env = { Bindings: HttpBindings };

export type ThumbnailOptions = {
  /** The latest stream of a room; undefined where there is none, or where its path has to be signed and is not. */
  find(roomId: string, signature: string | undefined): HlsStream | undefined;
  thumbnails: Thumbnails;
};

const CACHED = `public, max-age=${THUMBNAIL_EVERY_MS / 1000}`;

/** `/live/<room>/thumb.jpg`: what is to be seen in an event that is live, beside its stream and as open as that is. */
export function createThumbnailRoutes({ find, thumbnails }: ThumbnailOptions): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get('/:room/thumb.jpg', (c) => send(c, undefined));
  routes.get('/:room/:signature{~[\\w-]+}/thumb.jpg', (c) => send(c, c.req.param('signature').slice(1)));

  async function send(c: Context<Env>, signature: string | undefined): Promise<Response> {
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    const stream = find(c.req.param('room') ?? '', signature);
    const thumbnail = stream && (await thumbnails.of(stream));
    if (!thumbnail) {
      c.header('Cache-Control', 'public, max-age=1');
      return c.text('there is nothing here, or nothing yet\n', 404);
    }
    c.header('Cache-Control', CACHED);
    c.header('ETag', thumbnail.etag);
    c.header('Last-Modified', new Date(thumbnail.madeAt).toUTCString());
    if (c.req.header('if-none-match') === thumbnail.etag) return c.body(null, 304);
    return c.body(new Uint8Array(thumbnail.bytes), 200, { 'Content-Type': 'image/jpeg' });
  }

  return routes;
}
