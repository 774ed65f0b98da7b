import { MAX_COVER_BYTES } from '@amphi/features/live/server.ts';
import { AmphiError } from '@amphi/protocol';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { IncomingMessage } from 'node:http';
import type { Covers } from '../covers/covers.ts';
import type { Site } from '../net/site.ts';
import type { Limit } from './limits.ts';

export type CoverOptions = {
  covers: Covers;
  site: Site;
  limit: Limit;
  addressOf(request: IncomingMessage): string;
};

/**
 * Pictures of events: PUT to an address that the feature gave out, GET by whoever knows the address. They come from this
 * origin, as nothing else than the pictures that they were found to be (`nosniff` is on every answer).
 */
export function createCoverRoutes({ covers, site, limit, addressOf }: CoverOptions): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();

  routes.put(
    '/new/:ticket',
    async (c, next) => {
      if (!site.allows(c.env.incoming)) throw new AmphiError('forbidden', 'this origin may not use this server');
      await limit(addressOf(c.env.incoming));
      await next();
    },
    bodyLimit({
      maxSize: MAX_COVER_BYTES,
      onError: () => {
        throw new AmphiError('too-large', `a picture may have at most ${MAX_COVER_BYTES / 1024} KB`);
      },
    }),
    async (c) => {
      covers.put(c.req.param('ticket'), Buffer.from(await c.req.arrayBuffer()));
      return c.body(null, 204);
    },
  );

  routes.get('/:room/:version', (c) => {
    const cover = covers.get(c.req.param('room'), c.req.param('version'));
    if (!cover) throw new AmphiError('not-found', 'there is no such picture');
    c.header('Cache-Control', 'private, max-age=31536000, immutable');
    c.header('Content-Disposition', 'inline');
    return c.body(new Uint8Array(cover.bytes), 200, { 'Content-Type': cover.type });
  });

  return routes;
}
