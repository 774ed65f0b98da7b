import type { Answer } from '@amphi/protocol';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import type { Person } from './support/cast.ts';
import { methodNames, specOf } from './support/entries/index.ts';
import { testWithServer } from './support/fixtures.ts';
import type { WireClient } from './support/wire-client.ts';

const test = testWithServer();

/** No schema takes this: it costs a token and does nothing. */
const NOTHING: unknown = [];
/** So many requests wait at once without being refused for that alone. */
const WAVE = 32;

/** Calls until it is refused for calling too often. Answers how often it was let through, and the refusal. */
async function callTooOften(
  wire: WireClient,
  method: string,
  atMost: number,
): Promise<[passed: number, refusal: Answer]> {
  let passed = 0;
  while (passed <= atMost) {
    const size = Math.min(WAVE, atMost - passed + 1);
    const answers = await Promise.all(Array.from({ length: size }, () => wire.send(method, NOTHING)));
    const index = answers.findIndex((answer) => !answer.ok && answer.error.code === 'rate-limited');
    const refusal = answers[index];
    if (refusal) return [passed + index, refusal];
    passed += size;
  }
  throw new Error(`${method} was let through ${passed} times`);
}

describe('too many calls', () => {
  test.concurrent.for(methodNames)(
    'of %s are refused, of that session and that method only',
    async (method, { cast }) => {
      const { burst, perSecond } = specOf(method).rate;
      const isForVisitors = specOf(method).stage === 'connected';
      const [alice, bob] = await cast.gather(['Alice', 'Bob']);
      const room = alice?.snapshot.room.id ?? '';
      const someone = async (person: Person | undefined) => (isForVisitors ? cast.visit(room) : person?.wire);
      const caller = await someone(alice);
      const other = await someone(bob);
      if (!caller || !other) throw new Error('nobody there');
      const used = ['join', 'direct.report'].includes(method) ? 1 : 0;

      const startedAt = performance.now();
      const seconds = () => (performance.now() - startedAt) / 1000;
      const [passed, refusal] = await callTooOften(caller, method, burst + 10 * perSecond);
      expect(passed).toBeGreaterThanOrEqual(burst - used);
      expect(passed).toBeLessThanOrEqual(burst + Math.ceil(seconds() * perSecond));
      if (refusal.ok) throw new Error('not refused');
      const { retryAfterMs = 0 } = refusal.error;
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(Math.ceil(1000 / perSecond));

      expect(await other.send(method, NOTHING)).toMatchObject({ error: { code: 'bad-request' } });
      const another = method === 'session.ping' ? 'transport.connect' : 'session.ping';
      expect(await caller.send(another, NOTHING)).toMatchObject({ error: { code: 'bad-request' } });
      // A refused call costs nothing, so that the time told is the time to wait.
      await sleep(retryAfterMs + 5);
      expect(await caller.send(method, NOTHING)).toMatchObject({ error: { code: 'bad-request' } });
    },
  );

  test('all of which one burst may hold are performed when they come in one go', async ({ server, cast }) => {
    const room = await server.createRoom({ policy: { direct: true } });
    const [alice, bob] = await cast.gather(['Alice', 'Bob'], { room, direct: true });
    const { burst } = specOf('direct.signal').rate;
    const candidate = (n: number) => ({
      epoch: 1,
      signal: { type: 'candidate', candidate: `${n}`, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null },
    });
    const answers = await Promise.all(
      Array.from({ length: burst }, (_, n) => alice?.wire.send('direct.signal', candidate(n))),
    );
    expect(answers.filter((answer) => !answer?.ok)).toEqual([]);
    await bob?.caughtUp();
    const received = bob?.wire.inbox.rest((name) => name === 'direct.signal') ?? [];
    expect(received.map(({ data }) => data)).toEqual(Array.from({ length: burst }, (_, n) => candidate(n)));
  });

  test('that never end are ended with the session, which the others see as a leave', async ({ cast }) => {
    const [flooder, bob] = await cast.gather(['Flooder', 'Bob']);
    if (!flooder || !bob) throw new Error('not everybody came');
    const { wire } = flooder;
    for (let n = 0; n < 400; n++) wire.fire('no.such.method', {});
    expect(await wire.take('session.ended')).toEqual({ reason: 'protocol-abuse' });
    await wire.closed();
    expect(await bob.wire.take('member.left')).toEqual({ memberId: flooder.id, reason: 'protocol-abuse' });
    // The token is void as well.
    expect((await wire.resume()).resumed).toBe(false);
    expect((await bob.sync()).members.map(({ name }) => name)).toEqual(['Bob']);
  });
});
