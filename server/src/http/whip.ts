import { AmphiError, roomId } from '@amphi/protocol';
import { type Context, Hono } from 'hono';
import { readFragment, writeFragment } from '../sdp/index.ts';
import type { Ingest, IngestSession } from '../whip/ingest.ts';
import {
  bearerOf,
  type Env,
  FRAGMENT,
  front,
  type FrontOptions,
  iceServerLinks,
  ifMatch,
  options as optionsAnswer,
  Problem,
  problemOf,
  readBody,
  respond,
  SDP,
  unauthorized,
} from './webrtc.ts';

export type WhipOptions = FrontOptions & {
  ingest: Ingest;
};

/**
 * WHIP (RFC 9725): `POST /whip/<room>` with a stream key as bearer token and an offer begins to publish; the session that is
 * named in `Location` takes PATCH (candidates, ICE restart) and DELETE.
 */
export function createWhip(options: WhipOptions): Hono<Env> {
  const { ingest, site } = options;
  const whip = new Hono<Env>();

  whip.use(front(options));

  whip.options('/:room', (c) => optionsAnswer(c, 'OPTIONS, POST', { 'Accept-Post': SDP }));
  whip.options('/:room/:session', (c) => optionsAnswer(c, 'OPTIONS, PATCH, DELETE', { 'Accept-Patch': FRAGMENT }));

  whip.post('/:room', async (c) => {
    const room = roomOf(c);
    // Which node has the room is no secret, and the other one asks for the key itself.
    const origin = await ingest.elsewhere(room);
    if (origin !== undefined) return c.redirect(`${origin}/whip/${room}`, 307);
    const key = ingest.keyOf(room, bearerOf(c));
    const { session, answer, relay } = await ingest.open(key, await readBody(c, SDP));
    for (const link of iceServerLinks(relay)) c.header('Link', link, { append: true });
    c.header('Location', `${site.origin(c.env.incoming)}/whip/${room}/${session.id}`);
    c.header('ETag', session.etag);
    c.header('Accept-Patch', FRAGMENT);
    return c.body(answer, 201, { 'Content-Type': SDP });
  });

  whip.patch('/:room/:session', async (c) => {
    const session = sessionOf(c);
    const { ice } = readFragment(await readBody(c, FRAGMENT));
    ifMatch(c, session.etag);
    const isSame = ice.usernameFragment === session.ice.usernameFragment && ice.password === session.ice.password;
    // Candidates: an ICE-lite server has no use for them, it learns the other end's addresses from its checks.
    if (isSame) return c.body(null, 204);
    await ingest.restartIce(session, ice);
    c.header('ETag', session.etag);
    return c.body(writeFragment(session.offer, session.transport), 200, { 'Content-Type': FRAGMENT });
  });

  whip.delete('/:room/:session', (c) => {
    ingest.stop(sessionOf(c));
    return c.body(null, 200);
  });

  whip.all('/:room', (c) => respond(c, new Problem(405, 'this takes POST', { Allow: 'OPTIONS, POST' })));
  whip.all('/:room/:session', (c) =>
    respond(c, new Problem(405, 'this takes PATCH and DELETE', { Allow: 'OPTIONS, PATCH, DELETE' })),
  );
  whip.all('*', (c) => respond(c, new Problem(404, 'there is nothing at this address')));

  whip.onError((error, c) => {
    if (error instanceof AmphiError && error.code === 'unauthorized') return respond(c, unauthorized());
    const known = problemOf(c, error);
    if (known) return known;
    options.logger.error({ err: error, path: c.req.path }, 'a WHIP request failed');
    return respond(c, new Problem(500, 'the server failed at this request'));
  });

  /** The session of a request that comes with the key by which it was made. */
  function sessionOf(c: Context<Env>): IngestSession {
    const room = roomOf(c);
    const key = ingest.keyOf(room, bearerOf(c));
    const session = ingest.session(c.req.param('session') ?? '');
    if (session?.key.id !== key.id) throw new Problem(404, 'there is no such session (any more)');
    return session;
  }

  return whip;
}

/** A room that cannot be is one that there is not: nobody has a key for it. */
function roomOf(c: Context): string {
  const parsed = roomId.safeParse(c.req.param('room'));
  if (!parsed.success) throw unauthorized();
  return parsed.data;
}
