import type { Methods } from '@amphi/features/protocols.ts';
import type { InputOf } from '@amphi/protocol';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { type Cast, joinWith, type Person } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';
import type { TestServer } from './support/server.ts';

// The tests wait for timers of seconds, so they run beside each other.
const test = testWithServer({ room: { direct: true } });

const SETTLE_MS = 4000;

type State = InputOf<Methods, 'direct.report'>['state'];
type Pair = { room: string; alice: Person; bob: Person };

const candidate = (text: string) =>
  ({ type: 'candidate', candidate: text, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }) as const;

/** Two who were told to connect. */
async function pair(server: TestServer, cast: Cast): Promise<Pair> {
  const room = await server.createRoom({ policy: { direct: true } });
  const alice = await cast.join(room, { name: 'Alice', direct: true });
  const bob = await cast.join(room, { name: 'Bob', direct: true });
  expect(await alice.wire.take('direct.start')).toEqual({ epoch: 1, peerId: bob.id, offerer: true });
  expect(await bob.wire.take('direct.start')).toEqual({ epoch: 1, peerId: alice.id, offerer: false });
  return { room, alice, bob };
}

const report = (person: Person, state: State, epoch = 1) => person.wire.call('direct.report', { epoch, state });

async function reach(
  state: 'live' | 'ending' | 'closed',
  people: readonly Person[],
  patienceMs?: number,
): Promise<void> {
  for (const { wire } of people) {
    expect((await wire.take('direct.state', undefined, patienceMs)).state).toBe(state);
  }
}

async function goLive({ alice, bob }: Pair): Promise<void> {
  await report(alice, 'connected');
  await report(bob, 'connected');
  await reach('live', [alice, bob]);
}

/** That neither has heard anything more of a direct connection. */
async function expectNoMore(...people: Person[]): Promise<void> {
  for (const person of people) {
    await person.caughtUp();
    expect(person.wire.inbox.rest((name) => name.startsWith('direct.'))).toEqual([]);
  }
}

describe.concurrent('a direct connection', () => {
  test('begins when two are there, and is in their snapshots', async ({ server, cast }) => {
    const { alice, bob } = await pair(server, cast);
    expect((await alice.sync()).direct).toEqual({ epoch: 1, peerId: bob.id, offerer: true });
    expect((await bob.sync()).direct).toEqual({ epoch: 1, peerId: alice.id, offerer: false });
  });

  test('is not begun where the policy, or one of the two, does not allow it', async ({ server, cast }) => {
    const hidden = await cast.gather(['A', 'B'], { direct: true });
    const room = await server.createRoom({ policy: { direct: true } });
    const unable = [await cast.join(room, { direct: true }), await cast.join(room, { direct: false })];
    const alone = await cast.join(await server.createRoom({ policy: { direct: true } }), { direct: true });
    await sleep(SETTLE_MS + 500);
    await expectNoMore(...hidden, ...unable, alone);
    for (const person of [...hidden, ...unable, alone]) {
      expect(person.wire.inbox.all.map(({ name }) => name)).not.toContain('direct.start');
      expect((await person.sync()).direct).toBeUndefined();
    }
  });

  test('has its signals passed to the other of the two, and to nobody else', async ({ server, cast }) => {
    const { room, alice, bob } = await pair(server, cast);
    const visitor = await cast.visit(room);
    const offer = { type: 'offer', sdp: 'v=0\r\n', tracks: { 0: crypto.randomUUID() } } as const;
    await alice.wire.call('direct.signal', { epoch: 1, signal: offer });
    await bob.wire.call('direct.signal', { epoch: 1, signal: { ...offer, type: 'answer' } });
    await alice.wire.call('direct.signal', { epoch: 1, signal: candidate('last') });
    expect(await bob.wire.take('direct.signal')).toEqual({ epoch: 1, signal: offer });
    expect(await bob.wire.take('direct.signal')).toEqual({ epoch: 1, signal: candidate('last') });
    expect(await alice.wire.take('direct.signal')).toEqual({ epoch: 1, signal: { ...offer, type: 'answer' } });
    for (const epoch of [0, 2, -1]) await alice.wire.call('direct.signal', { epoch, signal: candidate('void') });
    await expectNoMore(alice, bob);
    await visitor.call('session.ping', {});
    expect(visitor.inbox.rest()).toEqual([]);
  });

  test('is live when both have said so, and not before', async ({ server, cast }) => {
    const { alice, bob } = await pair(server, cast);
    for (const state of ['connected', 'connected', 'released'] as const) await report(alice, state);
    await report(bob, 'connected', 2);
    await expectNoMore(alice, bob);
    await report(bob, 'connected');
    await reach('live', [alice, bob]);
    await report(bob, 'connected');
    await expectNoMore(alice, bob);
  });

  test('ends when a third comes: first both are back on the SFU, then it is closed', async ({ server, cast }) => {
    const both = await pair(server, cast);
    const { room, alice, bob } = both;
    await goLive(both);
    const carol = await cast.join(room, { name: 'Carol', direct: true });
    await reach('ending', [alice, bob]);
    // The third has no part in it.
    await report(carol, 'released');
    await carol.wire.call('direct.signal', { epoch: 1, signal: candidate('from outside') });
    await report(alice, 'released');
    await report(alice, 'released');
    await expectNoMore(alice, bob, carol);
    // Until then the two may go on with what they have.
    await bob.wire.call('direct.signal', { epoch: 1, signal: candidate('restart') });
    await alice.wire.take('direct.signal');
    await report(bob, 'released');
    await reach('closed', [alice, bob]);
    expect((await alice.sync()).direct).toBeUndefined();
    expect(carol.snapshot.direct).toBeUndefined();

    await bob.wire.call('direct.signal', { epoch: 1, signal: candidate('too late') });
    await expectNoMore(alice, bob, carol);
    await carol.wire.call('leave', {});
    const leftAt = performance.now();
    expect(await alice.wire.take('direct.start')).toEqual({ epoch: 2, peerId: bob.id, offerer: true });
    expect(await bob.wire.take('direct.start')).toEqual({ epoch: 2, peerId: alice.id, offerer: false });
    const waited = performance.now() - leftAt;
    expect(waited).toBeGreaterThan(SETTLE_MS - 500);
    expect(waited).toBeLessThan(SETTLE_MS + 2000);
  });

  test('does not wait for ever for those who are to be back on the SFU', async ({ server, cast }) => {
    const both = await pair(server, cast);
    await goLive(both);
    await cast.join(both.room, { direct: true });
    await reach('ending', [both.alice, both.bob]);
    const endingAt = performance.now();
    await report(both.alice, 'released');
    await reach('closed', [both.alice, both.bob]);
    expect(performance.now() - endingAt).toBeGreaterThan(4500);
  });

  test('that is not live is closed at once when a third comes', async ({ server, cast }) => {
    const { room, alice, bob } = await pair(server, cast);
    await cast.join(room, { direct: true });
    await reach('closed', [alice, bob]);
  });

  test('that fails is closed, and not tried again before somebody comes or goes', async ({ server, cast }) => {
    const { room, alice, bob } = await pair(server, cast);
    await report(alice, 'connected');
    await report(bob, 'failed');
    await reach('closed', [alice, bob]);
    await report(bob, 'failed');
    await sleep(SETTLE_MS + 500);
    await expectNoMore(alice, bob);
    const carol = await cast.join(room, { direct: true });
    await carol.wire.call('leave', {});
    expect(await alice.wire.take('direct.start')).toMatchObject({ epoch: 2 });
  });

  test('that fails after it was live leads back over the SFU', async ({ server, cast }) => {
    const both = await pair(server, cast);
    await goLive(both);
    await report(both.bob, 'failed');
    await reach('ending', [both.alice, both.bob]);
    await report(both.alice, 'failed');
    await expectNoMore(both.alice, both.bob);
    await report(both.alice, 'released');
    await report(both.bob, 'released');
    await reach('closed', [both.alice, both.bob]);
  });

  test('of which nobody says anything is given up', async ({ server, cast }) => {
    const { alice, bob } = await pair(server, cast);
    await reach('closed', [alice, bob], 12_000);
  });

  test('is closed when the other leaves', async ({ server, cast }) => {
    const both = await pair(server, cast);
    await goLive(both);
    await both.bob.wire.call('leave', {});
    await reach('closed', [both.alice]);
    expect((await both.alice.sync()).direct).toBeUndefined();
  });

  test('outlives a drop of the signaling', async ({ server, cast }) => {
    const both = await pair(server, cast);
    const { alice, bob } = both;
    await goLive(both);
    await bob.wire.drop();
    await alice.wire.call('direct.signal', { epoch: 1, signal: candidate('while away') });
    await expectNoMore(alice);
    await bob.wire.resume();
    expect(await bob.wire.take('direct.signal')).toEqual({ epoch: 1, signal: candidate('while away') });
    expect((await bob.sync()).direct).toMatchObject({ epoch: 1 });
    await expectNoMore(alice, bob);
  });

  test('waits for somebody who is just not there', async ({ server, cast }) => {
    const room = await server.createRoom({ policy: { direct: true } });
    const alice = await cast.join(room, { direct: true });
    await alice.wire.drop();
    const visitor = await cast.visit(room);
    const bob = await joinWith(visitor, { direct: true });
    await expectNoMore(bob);
    await alice.wire.resume();
    expect(await alice.wire.take('direct.start')).toMatchObject({ peerId: bob.id, offerer: true });
    expect(await bob.wire.take('direct.start')).toMatchObject({ peerId: alice.id, offerer: false });
  });
});
