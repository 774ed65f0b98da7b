import { AmphiError, roomId } from '@amphi/protocol';
import { noSuchRoom } from '@amphi/rooms';
import { type Context, Hono } from 'hono';
import { readFragment, writeFragment } from '../sdp/index.ts';
import type { Playback, PlaybackSession } from '../whep/playback.ts';
import type { Ingest } from '../whip/ingest.ts';
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

export type WhepOptions = FrontOptions & {
  playback: Playback;
  ingest: Pick<Ingest, 'elsewhere'>;
};

/**
 * WHEP (draft-ietf-wish-whep-04): `POST /whep/<room>` with an offer to receive begins to play a live event; the session that
 * is named in `Location` takes PATCH (candidates, ICE restart, the answer to a counter-offer) and DELETE. With
 * `?offer=server` the offer is the server's, by 406.
 */
export function createWhep(options: WhepOptions): Hono<Env> {
  const { playback, site } = options;
  const whep = new Hono<Env>();

  whep.use(front(options));

  whep.options('/:room', (c) => optionsAnswer(c, 'OPTIONS, POST', { 'Accept-Post': SDP }));
  whep.options('/:room/:session', (c) =>
    optionsAnswer(c, 'OPTIONS, PATCH, DELETE', { 'Accept-Patch': `${FRAGMENT}, ${SDP}` }),
  );

  whep.post('/:room', async (c) => {
    const room = roomOf(c);
    const origin = await options.ingest.elsewhere(room);
    if (origin !== undefined) return c.redirect(`${origin}/whep/${room}${new URL(c.req.url).search}`, 307);
    const { session, kind, sdp, relay } = await playback.open(room, {
      bearer: bearerOf(c),
      address: options.addressOf(c.env.incoming),
      sdp: await readBody(c, SDP),
      counterOffer: c.req.query('offer') === 'server',
    });
    for (const link of iceServerLinks(relay)) c.header('Link', link, { append: true });
    c.header('Location', `${site.origin(c.env.incoming)}/whep/${room}/${session.id}`);
    c.header('ETag', session.etag);
    c.header('Accept-Patch', `${FRAGMENT}, ${SDP}`);
    return c.body(sdp, kind === 'answer' ? 201 : 406, { 'Content-Type': SDP });
  });

  whep.patch('/:room/:session', async (c) => {
    const session = sessionOf(c);
    if (/^application\/sdp\b/i.test(c.req.header('content-type') ?? '')) {
      await playback.answer(session, await readBody(c, SDP));
      return c.body(null, 204);
    }
    const { ice } = readFragment(await readBody(c, FRAGMENT));
    ifMatch(c, session.etag);
    const { offer } = session;
    if (!offer) throw new Problem(409, 'the counter-offer has to be answered first');
    const isSame = ice.usernameFragment === session.ice?.usernameFragment && ice.password === session.ice.password;
    // Candidates: an ICE-lite server has no use for them, it learns the other end's addresses from its checks.
    if (isSame) return c.body(null, 204);
    await playback.restartIce(session, ice);
    c.header('ETag', session.etag);
    return c.body(writeFragment(offer, session.receiver.transport), 200, { 'Content-Type': FRAGMENT });
  });

  whep.delete('/:room/:session', (c) => {
    playback.stop(sessionOf(c));
    return c.body(null, 200);
  });

  // There is nothing to be seen, and the draft wants that said so.
  whep.get('/:room', (c) => c.body(null, 204));
  whep.get('/:room/:session', (c) => c.body(null, 204));
  whep.all('/:room', (c) => respond(c, new Problem(405, 'this takes POST', { Allow: 'OPTIONS, GET, POST' })));
  whep.all('/:room/:session', (c) =>
    respond(c, new Problem(405, 'this takes PATCH and DELETE', { Allow: 'OPTIONS, GET, PATCH, DELETE' })),
  );
  whep.all('*', (c) => respond(c, new Problem(404, 'there is nothing at this address')));

  whep.onError((error, c) => {
    if (error instanceof AmphiError && error.code === 'unauthorized') {
      return respond(c, new Problem(401, error.message, unauthorized().headers));
    }
    const known = problemOf(c, error);
    if (known) return known;
    options.logger.error({ err: error, path: c.req.path }, 'a WHEP request failed');
    return respond(c, new Problem(500, 'the server failed at this request'));
  });

  /** Its id is all that it takes. */
  function sessionOf(c: Context<Env>): PlaybackSession {
    const session = playback.session(c.req.param('session') ?? '');
    if (!session || session.roomId !== c.req.param('room'))
      throw new Problem(404, 'there is no such session (any more)');
    return session;
  }

  return whep;
}

function roomOf(c: Context): string {
  const parsed = roomId.safeParse(c.req.param('room'));
  if (!parsed.success) throw noSuchRoom();
  return parsed.data;
}
