import { parse } from 'sdp-transform';
import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import { ffmpeg, obs, obsSimulcast, offers } from './support/offers.ts';
import { problem, send, streamKey } from './support/whip.ts';

const test = testWithServer();

const FRAGMENT = 'application/trickle-ice-sdpfrag';

/** A fragment with these credentials and one candidate. */
const fragment = (ufrag: string, pwd: string) =>
  `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=candidate:1 1 UDP 2122260223 192.0.2.1 50000 typ host\r\n`;
/** Those of the OBS offer. */
const OBS_ICE = ['x8Kp', '9vXkQ2nRqyL4b7zTjW0sMd'] as const;

async function published(server: Parameters<typeof streamKey>[0], sdp: string = obs) {
  const room = await server.createRoom();
  const { key, id } = streamKey(server, room);
  const url = new URL(`/whip/${room}`, server.url).href;
  const response = await send(url, { key, body: sdp });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`${response.status} ${answer}`);
  return {
    room,
    key,
    id,
    url,
    answer,
    location: response.headers.get('location') ?? '',
    etag: response.headers.get('etag') ?? '',
    response,
  };
}

describe('POST', () => {
  test.for(Object.entries(offers))('answers the offer of %s', async ([, sdp], { server }) => {
    const { response, answer, location, etag, room } = await published(server, sdp);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    expect(location).toMatch(new RegExp(`^http://localhost:\\d+/whip/${room}/[\\w-]{24}$`));
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(response.headers.get('accept-patch')).toBe(FRAGMENT);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toMatch(/Location, ETag, Link/);
    const { media, icelite } = parse(answer);
    expect(icelite).toBe('ice-lite');
    expect(media.filter(({ port }) => port !== 0).map(({ direction }) => direction)).toEqual(['recvonly', 'recvonly']);
    expect(media[0]?.candidates?.map(({ port }) => port)).toContain(server.mediaPort);
  });

  test('makes the publisher a member whom everybody sees and receives', async ({ server, cast }) => {
    const { room, key, url } = await published(server);
    const ada = await cast.join(room, { name: 'Ada' });
    const studio = ada.snapshot.members.find(({ role }) => role === 'publisher');
    expect(studio).toMatchObject({ name: 'Studio', presence: 'here' });
    expect(studio?.producers.map(({ source }) => source).toSorted()).toEqual(['camera', 'microphone']);
    expect(ada.snapshot.consumers.map(({ memberId }) => memberId)).toEqual([studio?.id, studio?.id]);

    // The same key again: the same member, the same tracks, over a new connection.
    const again = await send(url, { key, body: ffmpeg });
    expect(again.status).toBe(201);
    await ada.wire.take('consumer.closed');
    const { consumer } = await ada.wire.take('consumer.created', ({ consumer: { kind } }) => kind === 'video');
    expect(consumer).toMatchObject({ memberId: studio?.id });
    expect(studio?.producers.map(({ id }) => id)).toContain(consumer.producerId);
    const after = (await ada.sync()).members.filter(({ role }) => role === 'publisher');
    expect(after.map(({ id }) => id)).toEqual([studio?.id]);
    expect(ada.wire.inbox.rest().map(({ name }) => name)).not.toContain('member.left');
    await send(again.headers.get('location') ?? '', { method: 'DELETE', key });
    expect(await ada.wire.take('member.left')).toEqual({ memberId: studio?.id, reason: 'left' });
  });

  test('knows simulcast: three layers, from the lowest to the highest', async ({ server, cast }) => {
    const { room } = await published(server, obsSimulcast);
    const { snapshot } = await cast.join(room);
    const video = snapshot.members.flatMap(({ producers }) => producers).find(({ kind }) => kind === 'video');
    expect(video?.spatialLayers).toBe(3);
    expect(snapshot.consumers.find(({ kind }) => kind === 'video')?.type).toBe('simulcast');
  });

  test('is for the keys of that room', async ({ server }) => {
    const { room, key, url, id } = await published(server);
    const other = await server.createRoom();
    const refused: [string, string | undefined][] = [
      [url, undefined],
      [url, 'amphi_wrong'],
      [url.replace(room, other), key],
      [url.replace(room, 'there-is-no-such-room'), key],
      [url.replace(room, 'A room'), key],
    ];
    const answers = await Promise.all(refused.map(([to, with_]) => send(to, { key: with_, body: obs })));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    // One answer for all of them.
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(id).toHaveLength(12);
  });

  test('says in words what is wrong with an offer', async ({ server }) => {
    const room = await server.createRoom();
    const { key } = streamKey(server, room);
    const url = new URL(`/whip/${room}`, server.url).href;
    const attempts: [number, RegExp, Parameters<typeof send>[1]][] = [
      [415, /application\/sdp/, { body: obs, type: 'text/plain' }],
      [413, /65536 bytes/, { body: `${obs}${'a=x\r\n'.repeat(20_000)}` }],
      [400, /v=0/, { body: 'hello' }],
      [400, /fingerprint/, { body: obs.replace(/a=fingerprint.*\r\n/, '') }],
      [422, /BUNDLE/, { body: obs.replace('a=group:BUNDLE 0 1\r\n', '') }],
      [422, /H265.*takes VP8, H264/, { body: obs.replace('H264/90000', 'H265/90000') }],
      [422, /nothing is sent/, { body: obs.replaceAll('a=sendonly', 'a=recvonly') }],
    ];
    for (const [status, words, request] of attempts) {
      const response = await send(url, { key, ...request });
      expect(response.status, String(words)).toBe(status);
      expect(await problem(response)).toMatchObject({ status, detail: expect.stringMatching(words) });
    }
    // Nothing of it is left.
    const ok = await send(url, { key, body: obs });
    expect(ok.status).toBe(201);
  });
});

describe('PATCH', () => {
  test('takes candidates for the ICE session that there is', async ({ server }) => {
    const { location, key, etag } = await published(server);
    const patch = (headers: Record<string, string>, body = fragment(...OBS_ICE), type = FRAGMENT) =>
      send(location, { method: 'PATCH', key, type, body, headers });
    expect((await patch({ 'if-match': etag })).status).toBe(204);
    expect((await patch({ 'if-match': '"another"' })).status).toBe(412);
    expect((await patch({})).status).toBe(428);
    expect((await patch({ 'if-match': etag }, 'a=candidate:1')).status).toBe(400);
    expect((await patch({ 'if-match': etag }, obs, 'application/sdp')).status).toBe(415);
    expect(
      (
        await send(location, {
          method: 'PATCH',
          type: FRAGMENT,
          body: fragment(...OBS_ICE),
          headers: { 'if-match': etag },
        })
      ).status,
    ).toBe(401);
  });

  test('restarts ICE, after which the old ETag is void', async ({ server }) => {
    const { location, key, etag, answer } = await published(server);
    const patch = (ifMatch: string, ufrag: string) =>
      send(location, {
        method: 'PATCH',
        key,
        type: FRAGMENT,
        body: fragment(ufrag, 'p'.repeat(24)),
        headers: { 'if-match': ifMatch },
      });
    const restarted = await patch('*', 'new1');
    expect(restarted.status).toBe(200);
    expect(restarted.headers.get('content-type')).toBe(FRAGMENT);
    const next = restarted.headers.get('etag') ?? '';
    expect(next).not.toBe(etag);
    const text = await restarted.text();
    const before = parse(answer).media[0];
    expect(text).toMatch(/a=ice-ufrag:\S+/);
    expect(text).not.toContain(`a=ice-ufrag:${before?.iceUfrag}\r\n`);
    expect(text).toMatch(new RegExp(`a=candidate:\\S+ 1 udp \\d+ 127\\.0\\.0\\.1 ${server.mediaPort} typ host`));
    expect((await patch(etag, 'new2')).status).toBe(412);
    // What is trickled now belongs to the new session.
    expect((await patch(next, 'new1')).status).toBe(204);
    expect((await patch(next, 'new3')).status).toBe(200);
  });
});

describe('DELETE', () => {
  test('ends the session, once', async ({ server, cast }) => {
    const { location, key, room } = await published(server);
    const ada = await cast.join(room);
    expect((await send(location, { method: 'DELETE' })).status).toBe(401);
    expect((await send(location, { method: 'DELETE', key })).status).toBe(200);
    expect(await ada.wire.take('member.left')).toMatchObject({ reason: 'left' });
    expect((await send(location, { method: 'DELETE', key })).status).toBe(404);
  });

  test("is not for another key's session", async ({ server }) => {
    const first = await published(server);
    const other = streamKey(server, first.room, 'Other');
    expect((await send(first.location, { method: 'DELETE', key: other.key })).status).toBe(404);
    expect((await send(first.location, { method: 'DELETE', key: first.key })).status).toBe(200);
  });
});

test('OPTIONS says what is taken, to whichever page', async ({ server }) => {
  const headers = { origin: 'https://example.org', 'access-control-request-method': 'POST' };
  const endpoint = await send(new URL('/whip/any', server.url).href, { method: 'OPTIONS', headers });
  expect(endpoint.status).toBe(204);
  expect(endpoint.headers.get('accept-post')).toBe('application/sdp');
  expect(endpoint.headers.get('access-control-allow-origin')).toBe('*');
  expect(endpoint.headers.get('access-control-allow-methods')).toMatch(/POST/);
  expect(endpoint.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Content-Type.*If-Match/);
  const session = await send(new URL('/whip/any/session', server.url).href, { method: 'OPTIONS', headers });
  expect(session.headers.get('accept-patch')).toBe(FRAGMENT);
  expect(session.headers.get('access-control-allow-methods')).toMatch(/PATCH, DELETE/);
});

test('other methods are refused, and said which are not', async ({ server }) => {
  const { url, location, key } = await published(server);
  for (const [to, method, allow] of [
    [url, 'GET', /POST/],
    [url, 'PUT', /POST/],
    [location, 'GET', /PATCH/],
    [location, 'POST', /DELETE/],
  ] as const) {
    const response = await send(to, { method, key });
    expect(response.status, method).toBe(405);
    expect(response.headers.get('allow')).toMatch(allow);
  }
});
