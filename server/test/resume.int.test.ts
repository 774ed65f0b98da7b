import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { joinInput, joinWith, type Person } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';
import { dtls } from './support/rtp.ts';
import type { WireClient } from './support/wire-client.ts';

const test = testWithServer();

/** More events than a session keeps for its return. */
const TOO_MANY = 257;

const seqsOf = ({ inbox }: WireClient) => inbox.all.map(({ seq }) => seq).filter((seq) => seq > 0);
const consecutive = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

/** Says something that everybody hears, so often in all; each of the people as often as they may. */
async function chatter(people: readonly Person[], count: number): Promise<void> {
  const cameras = await Promise.all(people.map((person) => person.publishCamera()));
  const each = Math.ceil(count / people.length);
  const calls = people.flatMap(({ wire }, index) =>
    Array.from({ length: each }, (_, n) =>
      n < 28
        ? wire.call('producer.update', { producerId: cameras[index] ?? '', width: n + 1 })
        : wire.call(n < 37 ? 'chat.send' : 'self.update', { text: `${n}`, name: `${n}` } as never),
    ),
  );
  await Promise.all(calls);
}

describe('a session that is resumed', () => {
  test('gets what it missed in order and once, and the others saw no leave', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    const camera = await bob.publishCamera();
    const mine = await alice.wire.take('consumer.created');
    await bob.wire.drop();
    expect(await alice.wire.take('member.updated')).toEqual({ memberId: bob.id, patch: { presence: 'reconnecting' } });

    const before = bob.wire.seq;
    for (const text of ['one', 'two', 'three']) await alice.wire.call('chat.send', { text });
    await alice.wire.call('self.update', { name: 'Alicia' });
    expect((await alice.sync()).members[1]).toMatchObject({ name: 'Bob', presence: 'reconnecting' });
    const welcome = await bob.wire.resume();
    expect(welcome).toMatchObject({ resumed: true, sessionId: bob.id });
    expect(await alice.wire.take('member.updated', ({ memberId }) => memberId === bob.id)).toEqual({
      memberId: bob.id,
      patch: { presence: 'here' },
    });
    await alice.wire.call('chat.send', { text: 'four' });
    await bob.caughtUp();

    const missed = bob.wire.inbox.all.filter(({ seq }) => seq > before);
    expect(missed.map(({ seq }) => seq)).toEqual(consecutive(before + 1, missed.length));
    const words = missed.map(({ name, data }) => (name === 'chat.message' ? (data as never)['message']['text'] : name));
    expect(words.filter((word) => word !== 'producer.demand')).toEqual([
      'one',
      'two',
      'three',
      'member.updated',
      'four',
    ]);

    // What it has goes on: transports, producers, consumers, rights.
    const { members, consumers } = await alice.sync();
    expect(members.map(({ id, presence }) => [id, presence])).toEqual([
      [alice.id, 'here'],
      [bob.id, 'here'],
    ]);
    expect(members[1]?.producers.map(({ id }) => id)).toEqual([camera]);
    expect(consumers.map(({ id }) => id)).toEqual([mine.consumer.id]);
    await bob.wire.call('transport.restartIce', { transportId: bob.transports.send.id });
    expect(alice.wire.inbox.rest().map(({ name }) => name)).not.toContain('member.left');
  });

  test('gets again what it says it has not', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    await alice.wire.call('chat.send', { text: 'heard' });
    await bob.wire.take('chat.message');
    await bob.wire.drop();
    await bob.wire.resume(bob.wire.seq - 1);
    expect((await bob.wire.take('chat.message')).message.text).toBe('heard');
    await bob.caughtUp();
    expect(bob.wire.inbox.rest()).toEqual([]);
  });

  test('gets a snapshot in place of too much', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [bob] = await cast.gather(['Bob'], { room });
    const others = await cast.gather(['A', 'B', 'C', 'D', 'E', 'F', 'G'], { room });
    if (!bob) throw new Error('nobody came');
    const before = bob.wire.seq;
    await bob.wire.drop();
    await chatter(others, TOO_MANY);

    expect((await bob.wire.resume(before)).resumed).toBe(true);
    const { snapshot, transports } = await bob.wire.take('session.snapshot');
    expect(transports).toEqual(bob.transports);
    expect(snapshot).toEqual(await bob.sync());
    expect(snapshot.members).toHaveLength(8);
    expect(snapshot.consumers).toHaveLength(7);
    const [first, ...after] = seqsOf(bob.wire).filter((seq) => seq > before);
    expect(after, 'the snapshot stands for all before it').toEqual([]);
    expect(first).toBeGreaterThan(before + TOO_MANY);
    await others[0]?.wire.call('chat.send', { text: 'welcome back' });
    await bob.wire.take('chat.message', ({ message }) => message.text === 'welcome back');
    expect(bob.wire.seq).toBe((first ?? 0) + 1);
  });

  test('gets a snapshot when it claims what never was', async ({ cast }) => {
    const [bob] = await cast.gather(['Bob']);
    await bob?.wire.drop();
    expect((await bob?.wire.resume(1_000_000))?.resumed).toBe(true);
    expect((await bob?.wire.take('session.snapshot'))?.snapshot).toEqual(await bob?.sync());
  });

  test('goes on with what was prepared before the join', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    const { transports } = await visitor.call('media.prepare', {});
    await visitor.call('transport.connect', { transportId: transports.send.id, dtlsParameters: dtls() });
    await visitor.drop();
    expect(await visitor.resume()).toMatchObject({ resumed: true });
    expect((await joinWith(visitor)).transports).toEqual(transports);
  });

  test('has its unanswered requests performed once, when they are sent again', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice'], { room });
    const bob = await cast.visit(room);
    const requests = [
      ['join', joinInput(bob, { name: 'Bob' })],
      ['chat.send', { text: 'hello' }],
      ['self.update', { name: 'Robert' }],
    ].map(([method, data]) => ({ id: randomUUID(), method: String(method), data }));
    for (const { id, method, data } of requests) bob.fire(method, data, id);
    await bob.drop();
    await bob.resume();
    const answers = await Promise.all(requests.map(({ id, method, data }) => bob.send(method, data, id)));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
    await alice?.caughtUp();
    // He may have been away already when his join was performed, so presence comes in between.
    const names = alice?.wire.inbox.rest((name) => name !== 'member.updated').map(({ name }) => name);
    expect(names).toEqual(['member.joined', 'chat.message']);
    expect((await alice?.sync())?.members.map(({ name }) => name)).toEqual(['Alice', 'Robert']);
  });

  test('may drop again and again', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    for (let n = 0; n < 10; n++) {
      await bob.wire.drop();
      await alice.wire.call('chat.send', { text: `${n}` });
      expect((await bob.wire.resume()).resumed).toBe(true);
    }
    await bob.caughtUp();
    const texts = bob.wire.inbox
      .rest((name) => name === 'chat.message')
      .map(({ data }) => (data as never)['message']['text']);
    expect(texts).toEqual(consecutive(0, 10).map(String));
    expect(seqsOf(bob.wire)).toEqual(consecutive(1, bob.wire.seq));
    expect((await alice.sync()).members).toHaveLength(2);
  });
});

describe('a token', () => {
  test('that is wrong begins another session', async ({ server, cast }) => {
    const room = await server.createRoom();
    const [alice] = await cast.gather(['Alice'], { room });
    for (const token of ['', 'wrong', `${alice?.wire.welcome.resumeToken}x`, alice?.id ?? '']) {
      const other = await cast.visit(room, { resume: { token, seq: 0 } });
      expect(other.welcome.resumed).toBe(false);
      expect(other.id).not.toBe(alice?.id);
      expect(other.welcome.resumeToken).not.toBe(alice?.wire.welcome.resumeToken);
    }
    expect(alice?.wire.connected).toBe(true);
    expect((await alice?.sync())?.members).toHaveLength(1);
  });

  test('of another room begins another session, and does not harm that one', async ({ server, cast }) => {
    const [sam] = await cast.gather(['Sam']);
    if (!sam) throw new Error('nobody came');
    const resume = { token: sam.wire.welcome.resumeToken, seq: 0 };
    const other = await cast.visit(await server.createRoom(), { resume });
    expect(other.welcome.resumed).toBe(false);
    expect(other.id).not.toBe(sam.id);
    expect((await sam.sync()).members[0]).toMatchObject({ id: sam.id, presence: 'here' });
    expect(sam.wire.inbox.rest()).toEqual([]);
  });

  test('is void after the leave', async ({ cast }) => {
    const [alice] = await cast.gather(['Alice']);
    await alice?.wire.call('leave', {});
    await alice?.wire.closed();
    expect((await alice?.wire.resume())?.resumed).toBe(false);
  });

  test('used twice moves the session to the newer connection', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    const { room, resumeToken } = bob.wire.welcome;
    const newer = await cast.visit(room.id, { resume: { token: resumeToken, seq: bob.wire.seq } });
    expect(newer.welcome).toMatchObject({ resumed: true, sessionId: bob.id });
    expect(await bob.wire.take('session.ended')).toEqual({ reason: 'replaced' });
    await bob.wire.closed();

    await alice.wire.call('chat.send', { text: 'hello' });
    expect((await newer.take('chat.message')).message.text).toBe('hello');
    await newer.call('chat.send', { text: 'here' });
    expect((await alice.wire.take('chat.message', ({ message }) => message.text === 'here')).message.name).toBe('Bob');
    // That the old connection went is nobody's business.
    await alice.caughtUp();
    expect(alice.wire.inbox.rest().map(({ name }) => name)).toEqual(['chat.message']);
    expect((await alice.sync()).members[1]).toMatchObject({ id: bob.id, presence: 'here' });
  });
});
