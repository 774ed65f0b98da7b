import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminLogin, type AdminStatus, AmphiError, roomId } from '@amphi/protocol';
import type { Actor, Logger, RoomDirectory } from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Site } from '../net/site.ts';
import type { AdminSessions } from './admin-sessions.ts';
import { createLimit } from './limits.ts';

export type AdminOptions = {
  sessions: AdminSessions;
  status(): Promise<AdminStatus>;
  directory: Pick<RoomDirectory, 'liveRoom'>;
  site: Site;
  /** What guesses are counted by. */
  addressOf(request: IncomingMessage): string;
  logger: Logger;
};

type Env = { Bindings: HttpBindings };

const COOKIE = 'amphi-admin';
const MAX_BODY = 1024;
/** What a wrong guess costs its maker, and how many there may be: from one address, and from all together. */
const WRONG_MS = 500;
const GUESSES_PER_MINUTE = 5;
const GUESSES_OF_ALL_PER_MINUTE = 60;

const ACTOR: Actor = { identity: 'server', name: 'Administrator', role: 'host', isServer: true };

/** What the admin page asks: below `/api/admin`. The cookie is for this path only, and no other site can have it sent. */
export function createAdmin(options: AdminOptions): Hono<Env> {
  const { sessions, site, logger } = options;
  const guesses = createLimit(GUESSES_PER_MINUTE, 60);
  const allGuesses = createLimit(GUESSES_OF_ALL_PER_MINUTE, 60);
  const admin = new Hono<Env>();

  admin.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    // Stricter than for the API: other web sites have no business here, allowed or not.
    if (!site.isOwn(c.env.incoming)) throw new AmphiError('forbidden', 'this is for the own pages only');
    await next();
  });

  admin.post('/session', bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }), async (c) => {
    const address = options.addressOf(c.env.incoming);
    await guesses(address);
    await allGuesses('all');
    const parsed = adminLogin.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) throw new AmphiError('bad-request', 'expected {"secret": "…"}');
    const token = sessions.begin(parsed.data.secret);
    if (token === undefined) {
      logger.warn({ address }, 'a wrong admin secret was given');
      await sleep(WRONG_MS);
      throw new AmphiError('unauthorized', 'this is not the admin secret');
    }
    logger.info({ address }, 'an admin came in');
    setCookie(c, COOKIE, token, {
      path: '/api/admin',
      httpOnly: true,
      sameSite: 'Strict',
      secure: site.isTls(c.env.incoming),
      maxAge: sessions.lifetimeSeconds,
    });
    return c.body(null, 204);
  });

  admin.delete('/session', (c) => {
    sessions.end(getCookie(c, COOKIE));
    deleteCookie(c, COOKIE, { path: '/api/admin' });
    return c.body(null, 204);
  });

  admin.get('/status', async (c) => {
    demand(c);
    return c.json<AdminStatus>(await options.status());
  });

  admin.post('/rooms/:id/end', (c) => {
    demand(c);
    const id = roomId.safeParse(c.req.param('id'));
    const room = id.success ? options.directory.liveRoom(id.data) : undefined;
    if (!room) throw new AmphiError('room-not-found', 'nobody is in such a room');
    room.book.note(ACTOR, 'room.end');
    room.close();
    logger.info({ roomId: room.id }, 'an admin ended a room');
    return c.body(null, 204);
  });

  admin.all('*', () => {
    throw new AmphiError('not-found', 'there is nothing at this address of the API');
  });

  function demand(c: Context<Env>): void {
    if (!sessions.knows(getCookie(c, COOKIE))) throw new AmphiError('unauthorized', 'sign in with the admin secret');
  }

  return admin;
}

function tooLarge(): never {
  throw new AmphiError('too-large', `the body may have at most ${MAX_BODY} bytes`);
}
