import { randomUUID } from 'node:crypto';
import type { Answer } from '@amphi/protocol';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { attempts, inputOf } from './support/arbitrary.ts';
import { callerOf, entryOf, methodNames, specOf } from './support/entries/index.ts';
import { testWithServer } from './support/fixtures.ts';
import { overheard, setScene } from './support/scene.ts';
import type { WireClient } from './support/wire-client.ts';

const test = testWithServer();

/** The same attempts at every run; another number tries others. */
const SEED = 20_261_123;
const RUNS = 40;

describe('arbitrary input', () => {
  test.for(methodNames)('of %s is answered with a typed refusal or performed', async (method, { server, cast }) => {
    const entry = entryOf(method);
    const { burst } = specOf(method).rate;
    const enter = () => setScene(server, cast, entry);
    let scene = await enter();
    const watched = scene;
    let left = burst - 4;

    /** Sends it from somebody who still may: sessions end and are used up on the way. */
    async function send(input: (at: typeof scene) => unknown): Promise<Answer> {
      if (left-- <= 0 || !callerOf(method, scene).connected) {
        scene = await enter();
        left = burst - 4;
      }
      return callerOf(method, scene).send(method, input(scene));
    }

    const property = fc.asyncProperty(attempts, async (attempt) => {
      const answer = await send((at) => inputOf(attempt, entry.good(at)));
      if (answer.ok) return;
      // Anything else is a fault of the server's, or of this test's pace.
      expect(['bad-request', 'too-large', 'not-found', 'wrong-state', 'forbidden']).toContain(answer.error.code);
      expect(answer.error.message).not.toBe('');
      expect(Buffer.byteLength(answer.error.message)).toBeLessThan(1000);
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: true });

    // The other room noticed nothing, and media works there as before.
    const { sam, nora } = watched;
    expect((await overheard(watched)).filter((line) => !/^(bob|walt)/.test(line))).toEqual([]);
    await sam.publishMicrophone();
    await nora.wire.take('consumer.created');
  });
});

describe('in a room whose people do whatever comes', () => {
  /** What somebody does next: a method, and which of those inputs that are on the table. */
  const step = fc.record({
    method: fc.constantFrom(...methodNames.filter((name) => name !== 'leave')),
    by: fc.nat(),
    attempt: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: attempts }),
    /** Sent so many times, under one request id or under as many. */
    times: fc.integer({ min: 1, max: 3 }),
    sameId: fc.boolean(),
    /** Not waited for, so that others overtake it. */
    inFlight: fc.boolean(),
  });

  test('repeated, reordered and foreign calls are all answered, and the other room notices nothing', async ({
    server,
    cast,
  }) => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const scene = await setScene(server, cast, { third: true, lobby: true });
      const { alice, bob, carol, vera, wanda, sam, nora } = scene;
      const callers = [alice.wire, bob.wire, carol?.wire ?? bob.wire, vera, wanda ?? vera];
      // What one method is given by rights, with the ids of everywhere: this room, the other, nobody.
      const mixed = (method: (typeof methodNames)[number]) => {
        try {
          return entryOf(method).good(scene);
        } catch {
          return { memberId: sam.id, id: nora.id, ids: [sam.id] };
        }
      };
      const flying: Promise<Answer>[] = [];
      for (const { method, by, attempt, times, sameId, inFlight } of steps) {
        const caller = callers[by % callers.length] ?? vera;
        if (!caller.connected) continue;
        const input = attempt ? inputOf(attempt, mixed(method)) : mixed(method);
        const id = randomUUID();
        for (let n = 0; n < times; n++) {
          const answered = caller.send(method, input, sameId ? id : randomUUID());
          // Somebody whose session ends in between gets no answer, and hears why.
          flying.push(answered.catch((): Answer => ({ ok: true, data: undefined })));
          if (!inFlight) await flying.at(-1);
        }
      }
      const answers = await Promise.all(flying);
      const faults = answers.filter((answer) => !answer.ok && answer.error.code === 'internal');
      expect(faults).toEqual([]);
      expect((await overheard(scene)).filter((line) => /^(sam|nora)/.test(line))).toEqual([]);
      expect((await nora.sync()).members.map(({ id }) => id)).toEqual([sam.id, nora.id]);
      cast.leave();
    });
    await fc.assert(property, { seed: SEED, numRuns: 12, endOnFailure: true });
  }, 120_000);
});

describe('raw JSON', () => {
  test.for<[what: string, json: string, code: string]>([
    ['a duplicate key, of which the last counts', '{"name":"Eve","name":""}', 'bad-request'],
    ['a prototype, which is no name', '{"__proto__":{"role":"host","name":"x"}}', 'ok'],
    ['a constructor', '{"constructor":{"prototype":{"admin":true}},"quality":{"level":"bad"}}', 'bad-request'],
    ['a depth of 1900', `{"name":${'['.repeat(1900)}${']'.repeat(1900)}}`, 'bad-request'],
    ['a depth of 20 000', `{"name":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'too-large'],
    ['a number without end', '{"name":1e999}', 'bad-request'],
    ['a huge number', `{"name":${'9'.repeat(3000)}}`, 'bad-request'],
    ['a list of 1500', `{"name":[${'1,'.repeat(1499)}1]}`, 'bad-request'],
  ])('with %s is answered, and changes nothing', async ([, json, code], { cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    const before = await bob.sync();
    const answer = await sendText(alice.wire, json);
    expect(answer.ok ? 'ok' : answer.error.code).toBe(code);
    await bob.caughtUp();
    expect((await bob.sync()).members).toEqual(before.members);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
    expect(alice.wire.connected).toBe(true);
  });
});

/** Sends `self.update` with an input that is written by hand: JSON has more than any object of ours can say. */
async function sendText(wire: WireClient, json: string): Promise<Answer> {
  const id = randomUUID();
  const { engine } = wire.socket.io;
  const ackId = 900_000;
  const answered = new Promise<Answer>((resolve) => {
    engine.on('data', (data: unknown) => {
      // Socket.IO's packet of type 3 (ack) with that number.
      const [, list] = /^3900000(\[.*\])$/s.exec(String(data)) ?? [];
      if (list !== undefined) resolve((JSON.parse(list) as [Answer])[0]);
    });
  });
  engine.write(`2${ackId}["request",{"id":"${id}","method":"self.update","data":${json}}]`);
  return answered;
}
