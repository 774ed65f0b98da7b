import { parse } from 'sdp-transform';
import { describe, expect } from 'vitest';
import type { Cast, Person } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';
import { players } from './support/players.ts';
import { vp8 } from './support/rtp.ts';
import type { TestServer } from './support/server.ts';
import { problem, send } from './support/whip.ts';

const test = testWithServer();
const testWithLimits = testWithServer({ limits: { sessionsPerAddress: 4 } });

const FRAGMENT = 'application/trickle-ice-sdpfrag';
const fragment = (ufrag: string, pwd: string) =>
  `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n`;
/** Those of Chrome's offer. */
const CHROME_ICE = ['4ZcD', '2/1muCWoOi3uLifh0NuRHlNo'] as const;

/** H.264 without simulcast, as a program would publish it. */
function h264() {
  const parameters = vp8(1);
  const [codec] = parameters.codecs;
  return {
    ...parameters,
    codecs: [
      {
        ...{ mimeType: 'video/H264', payloadType: 98, clockRate: 90_000, rtcpFeedback: codec?.rtcpFeedback },
        parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' },
      },
    ],
    encodings: [{ ssrc: parameters.encodings?.[0]?.ssrc }],
  };
}

type Input = Parameters<TestServer['createRoom']>[0];

/** A live event with a host on stage who sends a VP8 camera and a microphone. */
async function goLive(
  server: TestServer,
  cast: Cast,
  input?: Input,
): Promise<{ room: string; host: Person; url: string }> {
  const room = await server.createRoom(input);
  const host = await cast.host(room, { name: 'Hanna' });
  await host.publishCamera();
  await host.publishMicrophone();
  await host.wire.call('live.prepare', {});
  await host.wire.call('live.start', {});
  return { room, host, url: new URL(`/whep/${room}`, server.url).href };
}

async function play(url: string, sdp: string = players.chrome) {
  const response = await send(url, { body: sdp });
  const text = await response.text();
  if (response.status !== 201 && response.status !== 406) throw new Error(`${response.status} ${text}`);
  const header = (name: string) => response.headers.get(name) ?? '';
  return { response, sdp: text, location: header('location'), etag: header('etag') };
}

describe('POST', () => {
  test.for(Object.entries(players))('answers %s in its own payload types', async ([name, offer], { server, cast }) => {
    const { url, room, host } = await goLive(server, cast);
    // These two were made to publish H.264 and know nothing else.
    if (name === 'libdatachannel' || name === 'ffmpeg') {
      const transportId = host.transports.send.id;
      await host.publish({
        ...{ transportId, producerId: crypto.randomUUID(), source: 'screen', kind: 'video', rtpParameters: h264() },
      });
    }
    const { response, sdp, location, etag } = await play(url, offer);
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    expect(location).toMatch(new RegExp(`^http://localhost:\\d+/whep/${room}/[\\w-]{24}$`));
    expect(etag).toMatch(/^"[\w-]+"$/);
    const answer = parse(sdp);
    const offered = parse(offer);
    expect(answer.icelite).toBe('ice-lite');
    expect(answer.media).toHaveLength(offered.media.length);
    for (const [index, media] of answer.media.entries()) {
      const asked = offered.media[index];
      expect(media.mid).toEqual(asked?.mid);
      if (asked?.type === 'application') {
        expect(media.port).toBe(0);
        continue;
      }
      expect(media.direction).toBe('sendonly');
      const [format] = media.rtp;
      const same = asked?.rtp.find(({ payload }) => payload === format?.payload);
      expect([same?.codec.toLowerCase(), same?.rate]).toEqual([format?.codec.toLowerCase(), format?.rate]);
      // Nothing that the player has not offered, and no extension under another id.
      for (const { payload } of media.rtp) expect(String(asked?.payloads).split(' ')).toContain(String(payload));
      for (const ext of media.ext ?? []) {
        expect(asked?.ext).toContainEqual(expect.objectContaining({ uri: ext.uri, value: ext.value }));
      }
      expect(media.ssrcs?.length).toBeGreaterThan(0);
      expect(media.candidates?.map(({ port }) => port)).toContain(server.mediaPort);
      expect(new Set(answer.media.flatMap(({ msid }) => msid?.map(({ id }) => id) ?? [])).size).toBe(1);
    }
  });

  test('counts the player in the audience, and lists it to nobody', async ({ server, cast }) => {
    const { url, host } = await goLive(server, cast);
    const { location } = await play(url);
    expect(await host.wire.take('live.audience')).toEqual({ audience: { viewers: 1, peak: 1 } });
    expect((await host.sync()).members.map(({ role }) => role)).toEqual(['host']);
    expect((await send(location, { method: 'DELETE' })).status).toBe(200);
    expect(await host.wire.take('live.audience')).toEqual({ audience: { viewers: 0, peak: 1 } });
    expect((await send(location, { method: 'DELETE' })).status).toBe(404);
  });

  test('says when nothing is live, and when to ask again', async ({ server, cast }) => {
    const room = await server.createRoom();
    const url = new URL(`/whep/${room}`, server.url).href;
    const status = async () => {
      const response = await send(url, { body: players.chrome });
      return [response.status, Number(response.headers.get('retry-after')) > 0];
    };
    // Nobody is told of a room that is no event.
    expect(await status()).toEqual([404, false]);
    expect((await send(url.replace(room, 'no-such-room'), { body: players.chrome })).status).toBe(404);
    const host = await cast.host(room);
    await host.wire.call('live.prepare', {});
    expect(await status()).toEqual([409, true]);
    await host.wire.call('live.start', {});
    // Live, and nobody sends.
    expect(await status()).toEqual([409, true]);
    await host.publishMicrophone();
    expect(await status()).toEqual([201, false]);
    await host.wire.call('live.stop', {});
    expect(await status()).toEqual([409, true]);
  });

  test('the end of the event is the end of the session', async ({ server, cast }) => {
    const { url, host } = await goLive(server, cast);
    const { location, etag } = await play(url);
    await host.wire.call('live.stop', {});
    const headers = { 'if-match': etag };
    const patch = { method: 'PATCH', type: FRAGMENT, body: fragment(...CHROME_ICE), headers };
    expect((await send(location, patch)).status).toBe(404);
  });

  test('a private event wants its password or a token', async ({ server, cast }) => {
    const { url, room } = await goLive(server, cast, { policy: { password: 'open-sesame' } });
    const refused = await send(url, { body: players.chrome });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await problem(refused)).detail).toMatch(/password/);
    expect((await send(url, { body: players.chrome, key: 'wrong' })).status).toBe(401);
    expect((await send(url, { body: players.chrome, key: 'open-sesame' })).status).toBe(201);
    // As somebody who was let in before.
    const guest = await cast.visit(room, { audience: true });
    const { snapshot } = await guest.call('join', {
      ...{ name: 'Vera', direct: false, rtpCapabilities: guest.welcome.rtpCapabilities, password: 'open-sesame' },
    });
    expect((await send(url, { body: players.chrome, key: snapshot.self.pass })).status).toBe(201);
    const other = await goLive(server, cast, { policy: { password: 'another' } });
    expect((await send(other.url, { body: players.chrome, key: snapshot.self.pass })).status).toBe(401);
  });

  test('says in words what is wrong with an offer', async ({ server, cast }) => {
    const { url } = await goLive(server, cast);
    const { chrome, libdatachannel } = players;
    const attempts: [number, RegExp, Parameters<typeof send>[1]][] = [
      [415, /application\/sdp/, { body: chrome, type: 'text/plain' }],
      [413, /65536 bytes/, { body: `${chrome}${'a=x\r\n'.repeat(20_000)}` }],
      [400, /v=0/, { body: 'hello' }],
      [400, /fingerprint/, { body: chrome.replaceAll(/a=fingerprint.*\r\n/g, '') }],
      [422, /BUNDLE/, { body: chrome.replace('a=group:BUNDLE 0 1 2\r\n', '') }],
      [422, /nothing is received/, { body: chrome.replaceAll('a=recvonly', 'a=sendonly') }],
      [422, /video\/vp8/, { body: libdatachannel.replace('opus/48000/2', 'L16/48000/2') }],
      [422, /payload type 96/, { body: chrome.replaceAll(':111 ', ':96 ').replace('SAVPF 111', 'SAVPF 96') }],
    ];
    for (const [status, words, request] of attempts) {
      const response = await send(url, request);
      expect(response.status, String(words)).toBe(status);
      expect(await problem(response)).toMatchObject({ status, detail: expect.stringMatching(words) });
    }
    expect((await send(url, { body: chrome })).status).toBe(201);
  });

  test('gives the sound alone to who cannot take the picture', async ({ server, cast }) => {
    const { url } = await goLive(server, cast);
    const { sdp } = await play(url, players.libdatachannel);
    expect(parse(sdp).media.map(({ type, port }) => [type, port])).toEqual([
      ['audio', 9],
      ['video', 0],
    ]);
  });

  testWithLimits('one address may have so many players', async ({ server, cast }) => {
    const { url } = await goLive(server, cast);
    const sessions = [];
    for (let count = 0; count < 4; count++) sessions.push(await play(url));
    const refused = await send(url, { body: players.chrome });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await send(sessions[0]?.location ?? '', { method: 'DELETE' });
    expect((await send(url, { body: players.chrome })).status).toBe(201);
  });

  test('players with ever other payload types get an offer of the server instead of one router each', async ({
    server,
    cast,
  }) => {
    const { url } = await goLive(server, cast);
    const statuses = [];
    for (let type = 30; type < 42; type++) {
      const offer = players.chrome.replaceAll(':111 ', `:${type} `).replace('SAVPF 111', `SAVPF ${type}`);
      statuses.push((await send(url, { body: offer })).status);
    }
    expect(statuses).toEqual([...Array<number>(8).fill(201), ...Array<number>(4).fill(406)]);
    // What is known already is answered all the same.
    expect(
      (await send(url, { body: players.chrome.replaceAll(':111 ', ':30 ').replace('SAVPF 111', 'SAVPF 30') })).status,
    ).toBe(201);
  });
});

describe('the counter-offer', () => {
  test('is answered by PATCH', async ({ server, cast }) => {
    const { url } = await goLive(server, cast);
    const { response, sdp, location } = await play(`${url}?offer=server`);
    expect(response.status).toBe(406);
    expect(response.headers.get('content-type')).toBe('application/sdp');
    const { media } = parse(sdp);
    expect(media.map(({ type, direction, setup }) => [type, direction, setup])).toEqual([
      ['audio', 'sendonly', 'actpass'],
      ['video', 'sendonly', 'actpass'],
    ]);
    // All that the SFU has, bandwidth estimation among it, is on offer.
    expect(media[1]?.ext?.map(({ uri }) => uri)).toContain(
      'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    );
    expect(media[1]?.rtp.map(({ codec }) => codec)).toEqual(['VP8', 'rtx']);
    const answer = sdp
      .replaceAll('a=sendonly', 'a=recvonly')
      .replaceAll('a=setup:actpass', 'a=setup:active')
      .replaceAll(/a=(ssrc|msid|candidate).*\r\n/g, '');
    expect((await send(location, { method: 'PATCH', body: 'hello' })).status).toBe(400);
    expect(
      (await send(location, { method: 'PATCH', body: answer.replaceAll('a=recvonly', 'a=inactive') })).status,
    ).toBe(422);
    expect((await send(location, { method: 'PATCH', body: answer })).status).toBe(204);
    expect((await send(location, { method: 'PATCH', body: answer })).status).toBe(409);
    expect((await send(location, { method: 'DELETE' })).status).toBe(200);
  });

  test('is for those who ask for it; others may not answer one', async ({ server, cast }) => {
    const { url } = await goLive(server, cast);
    const { response, location, sdp } = await play(url);
    expect(response.status).toBe(201);
    expect((await send(location, { method: 'PATCH', body: sdp })).status).toBe(409);
  });
});

describe('PATCH', () => {
  test('takes candidates, and restarts ICE', async ({ server, cast }) => {
    const { url } = await goLive(server, cast);
    const { location, etag, sdp } = await play(url);
    const patch = (headers: Record<string, string>, body: string, type = FRAGMENT) =>
      send(location, { method: 'PATCH', type, body, headers });
    const same = fragment(...CHROME_ICE);
    expect((await patch({ 'if-match': etag }, same)).status).toBe(204);
    expect((await patch({ 'if-match': '"another"' }, same)).status).toBe(412);
    expect((await patch({}, same)).status).toBe(428);
    expect((await patch({ 'if-match': etag }, 'a=candidate:1')).status).toBe(400);
    expect((await patch({ 'if-match': etag }, same, 'text/plain')).status).toBe(415);
    const restarted = await patch({ 'if-match': '*' }, fragment('new1', 'p'.repeat(24)));
    expect(restarted.status).toBe(200);
    expect(restarted.headers.get('etag')).not.toBe(etag);
    const text = await restarted.text();
    expect(text).toMatch(/a=ice-ufrag:\S+/);
    expect(text).not.toContain(`a=ice-ufrag:${parse(sdp).media[0]?.iceUfrag}\r\n`);
    expect((await patch({ 'if-match': etag }, same)).status).toBe(412);
  });

  test('a session is known by its id and its room', async ({ server, cast }) => {
    const { url, room } = await goLive(server, cast);
    const { location } = await play(url);
    expect((await send(location.replace(room, 'another-room'), { method: 'DELETE' })).status).toBe(404);
    expect((await send(`${url}/${'x'.repeat(24)}`, { method: 'DELETE' })).status).toBe(404);
  });
});

test('OPTIONS says what is taken, to whichever page; GET has nothing to show', async ({ server }) => {
  const headers = { origin: 'https://example.org', 'access-control-request-method': 'POST' };
  const endpoint = await send(new URL('/whep/any', server.url).href, { method: 'OPTIONS', headers });
  expect(endpoint.status).toBe(204);
  expect(endpoint.headers.get('accept-post')).toBe('application/sdp');
  expect(endpoint.headers.get('access-control-allow-origin')).toBe('*');
  expect(endpoint.headers.get('access-control-allow-methods')).toMatch(/POST/);
  const session = await send(new URL('/whep/any/session', server.url).href, { method: 'OPTIONS', headers });
  expect(session.headers.get('accept-patch')).toBe(`${FRAGMENT}, application/sdp`);
  expect((await send(new URL('/whep/any', server.url).href, { method: 'GET' })).status).toBe(204);
  const put = await send(new URL('/whep/any', server.url).href, { method: 'PUT' });
  expect(put.status).toBe(405);
  expect(put.headers.get('allow')).toMatch(/POST/);
});
