import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Session } from './session.ts';
import { call, FakeLink, startRooms, type TestRooms, until } from './testing/index.ts';

const PERSON = { name: 'Ada', rtpCapabilities: {}, direct: false };

describe('session', () => {
  let rooms: TestRooms;

  beforeEach(() => {
    rooms = startRooms();
  });

  async function joined(name = 'Ada') {
    const connected = await rooms.connect('lab');
    const answer = await call(connected.session, 'join', { ...PERSON, name });
    if (!answer.ok) throw new Error(answer.error.message);
    return connected;
  }

  const lastSeq = (link: FakeLink) => link.sent.at(-1)?.seq ?? 0;

  test('the answer to a join comes before the events that follow it', async () => {
    const [first, second] = [await rooms.connect('lab'), await rooms.connect('lab')];
    const order: string[] = [];
    second.link.send = ({ name }) => void order.push(name);
    const person = { ...PERSON, direct: true };
    await call(first.session, 'join', person);
    // With the second of two comes the start of a direct connection, at once.
    second.session.request({ id: '1', method: 'join', data: person }, () => order.push('answer'));
    await until(() => order.length === 2);
    expect(order).toEqual(['answer', 'direct.start']);
  });

  test('a repeated join after a drop gets the first answer, not a second join', async () => {
    const watcher = await joined('Watcher');
    const { session, link, token } = await rooms.connect('lab');
    const first = await call(session, 'join', PERSON, 'join-1');
    session.detach(link, 'silent');
    const again = await rooms.connect('lab', { token, seq: 0 });
    expect(again).toMatchObject({ resumed: true, session });
    expect(await call(again.session, 'join', PERSON, 'join-1')).toEqual(first);
    expect(watcher.link.names().filter((name) => name === 'member.joined')).toHaveLength(1);
  });

  test('who drops is seen as reconnecting, and who resumes gets what was missed', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    const seq = lastSeq(ada.link);
    ada.session.detach(ada.link, 'silent');
    expect(bob.link.sent.at(-1)?.data).toEqual({ memberId: ada.session.id, patch: { presence: 'reconnecting' } });
    await call(bob.session, 'self.update', { name: 'Bobby' });
    rooms.clock.advance(59_000);
    const { link, resumed } = await rooms.connect('lab', { token: ada.token, seq });
    expect(resumed).toBe(true);
    expect(link.sent).toMatchObject([{ seq: seq + 1, data: { patch: { name: 'Bobby' } } }]);
    expect(bob.link.sent.at(-1)?.data).toEqual({ memberId: ada.session.id, patch: { presence: 'here' } });
    expect(bob.link.names()).not.toContain('member.left');
  });

  test('who missed too much gets a snapshot with the transports', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    ada.session.detach(ada.link, 'silent');
    for (let n = 0; n < 300; n++) bob.session.update({ name: `Bob ${n}` });
    const { link } = await rooms.connect('lab', { token: ada.token, seq: 1 });
    expect(link.sent).toMatchObject([
      {
        name: 'session.snapshot',
        data: {
          snapshot: { selfId: ada.session.id, members: [{ name: 'Ada', presence: 'here' }, { name: 'Bob 299' }] },
          transports: { send: { id: expect.any(String) } },
        },
      },
    ]);
  });

  test('who does not come back within the window is lost', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    ada.session.detach(ada.link, 'silent');
    rooms.clock.advance(60_000);
    expect(bob.link.sent.at(-1)).toMatchObject({
      name: 'member.left',
      data: { memberId: ada.session.id, reason: 'lost' },
    });
    expect((await rooms.connect('lab', { token: ada.token, seq: 1 })).resumed).toBe(false);
  });

  test('a closed connection with dead media is lost after 8 s', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    ada.session.detach(ada.link, 'closed');
    rooms.clock.advance(7999);
    expect(bob.link.names()).not.toContain('member.left');
    rooms.clock.advance(1);
    expect(bob.link.names()).toContain('member.left');
  });

  test('a closed connection with live media is kept until that dies', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    const media = rooms.media('lab');
    media.alive.add(ada.session.id);
    ada.session.detach(ada.link, 'closed');
    rooms.clock.advance(20_000);
    expect(bob.link.names()).not.toContain('member.left');
    media.alive.delete(ada.session.id);
    media.events.alive(ada.session.id, false);
    expect(bob.link.names()).toContain('member.left');
  });

  test('leaving answers first, then ends the session and closes the connection', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    expect(await call(ada.session, 'leave')).toEqual({ ok: true, data: {} });
    expect(ada.link.sent.at(-1)).toMatchObject({ name: 'session.ended', data: { reason: 'left' } });
    expect(ada.link.closed).toBe(true);
    expect(bob.link.sent.at(-1)).toMatchObject({ name: 'member.left', data: { reason: 'left' } });
    expect(await call(ada.session, 'session.ping')).toMatchObject({ error: { code: 'session-ended' } });
  });

  test('a clean disconnect leaves at once', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    ada.session.detach(ada.link, 'left');
    expect(bob.link.sent.at(-1)).toMatchObject({ name: 'member.left', data: { reason: 'left' } });
  });

  test('a second connection of the same session replaces the first, which is told', async () => {
    const [ada, bob] = [await joined('Ada'), await joined('Bob')];
    const before = bob.link.sent.length;
    const { session, link } = await rooms.connect('lab', { token: ada.token, seq: lastSeq(ada.link) });
    expect(session).toBe(ada.session);
    expect(ada.link.sent.at(-1)).toMatchObject({ seq: 0, name: 'session.ended', data: { reason: 'replaced' } });
    expect(ada.link.closed).toBe(true);
    // What the old connection's end would say.
    ada.session.detach(ada.link, 'closed');
    expect(session.stage).toBe('joined');
    expect(bob.link.sent).toHaveLength(before);
    session.update({ name: 'Ada 2' });
    expect(link.names()).toEqual(['member.updated']);
  });

  test('who only causes refusals is thrown out in the end', async () => {
    const { session, link } = await joined();
    for (let n = 0; n < 250 && session.stage !== 'ended'; n++) await call(session, 'no.such');
    expect(session.stage).toBe('ended');
    expect(link.sent.at(-1)).toMatchObject({ name: 'session.ended', data: { reason: 'protocol-abuse' } });
  });

  test('what a person changes is in the next snapshot', async () => {
    const { session } = await joined('Ada');
    await call(session, 'self.update', { name: 'Countess', quality: { level: 'poor', reason: 'loss-up' } });
    const answer = await call(session, 'session.sync');
    expect(answer).toMatchObject({
      data: { snapshot: { members: [{ name: 'Countess', quality: { level: 'poor', reason: 'loss-up' } }] } },
    });
  });

  test('a change of nothing is told to nobody', async () => {
    const { session, link } = await joined('Ada');
    const before = link.sent.length;
    expect(await call(session, 'self.update')).toEqual({ ok: true, data: {} });
    expect(link.sent).toHaveLength(before);
  });

  test('the media methods reach the media plane', async () => {
    const { session } = await rooms.connect('lab');
    const prepared = await call(session, 'media.prepare');
    expect(prepared).toMatchObject({ ok: true, data: { expiresInMs: 120_000 } });
    const answer = await call(session, 'join', PERSON);
    const media = rooms.media('lab');
    const transports = media.transports.get(session.id);
    const [sendId, recvId] = [transports?.send.id, transports?.recv.id];
    expect(answer).toMatchObject({ data: { transports: { send: { id: sendId } } } });
    const fingerprints = [{ algorithm: 'sha-256', value: 'AA:BB' }];
    const done = { ok: true, data: {} };
    expect(await call(session, 'transport.connect', { transportId: recvId, dtlsParameters: { fingerprints } })).toEqual(
      done,
    );
    expect(media.connected).toEqual([recvId]);
    expect(
      await call(session, 'transport.connect', { transportId: 'x', dtlsParameters: { fingerprints } }),
    ).toMatchObject({
      error: { code: 'not-found' },
    });
    expect(await call(session, 'transport.restartIce', { transportId: sendId })).toMatchObject({
      data: { iceParameters: { usernameFragment: 'again' } },
    });
    expect(await call(session, 'consumer.ready', { consumerIds: ['c'] })).toEqual(done);
    expect(media.started).toEqual(['c']);
    expect(await call(session, 'consumer.update', { consumers: [{ id: 'c', spatialLayer: 1 }] })).toEqual(done);
    expect(media.updates).toEqual([{ id: 'c', spatialLayer: 1 }]);
    const codecs = [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }];
    const producerId = randomUUID();
    const producer = { transportId: sendId, producerId, source: 'camera', kind: 'video', rtpParameters: { codecs } };
    expect(await call(session, 'producer.create', producer)).toEqual(done);
    expect(await call(session, 'producer.update', { producerId, muted: true })).toEqual(done);
    expect(media.producers.get(producerId)?.paused).toBe(true);
    expect(await call(session, 'producer.close', { producerId })).toEqual(done);
    expect(media.producers.size).toBe(0);
  });

  test('two sessions negotiate a direct connection', async () => {
    const direct = { ...PERSON, direct: true };
    const [a, b] = [await rooms.connect('lab'), await rooms.connect('lab')];
    await call(a.session, 'join', direct);
    await call(b.session, 'join', direct);
    await until(() => b.link.names().includes('direct.start'));
    const signal = { type: 'offer', sdp: 'v=0', tracks: {} };
    expect(await call(a.session, 'direct.signal', { epoch: 1, signal })).toEqual({ ok: true, data: {} });
    expect(b.link.sent.at(-1)).toMatchObject({ name: 'direct.signal', data: { epoch: 1, signal } });
    for (const { session } of [a, b]) await call(session, 'direct.report', { epoch: 1, state: 'connected' });
    expect(a.link.sent.at(-1)).toMatchObject({ name: 'direct.state', data: { state: 'live' } });
  });

  test('a link that comes to a session that has ended is closed', async () => {
    const { session, link }: { session: Session; link: FakeLink } = await joined();
    session.end('room-closed');
    const late = new FakeLink();
    session.attach(late, 0);
    expect([link.closed, late.closed]).toEqual([true, true]);
  });
});
