import type { Answer } from '@amphi/protocol';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { attempts, inputOf } from './support/arbitrary.ts';
import { callerOf, entryOf, methodNames, specOf } from './support/entries/index.ts';
import { testWithServer } from './support/fixtures.ts';
import { overheard, setScene } from './support/scene.ts';

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
    expect((await overheard(watched)).filter((line) => !line.startsWith('bob'))).toEqual([]);
    await sam.publishMicrophone();
    await nora.wire.take('consumer.created');
  });
});
