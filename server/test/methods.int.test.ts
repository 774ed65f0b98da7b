import { randomUUID } from 'node:crypto';
import type { Answer, ErrorCode } from '@amphi/protocol';
import { describe, expect } from 'vitest';
import { callerOf, entries, entryOf, methodNames, specOf } from './support/entries/index.ts';
import { testWithServer } from './support/fixtures.ts';
import { hush, overheard, type Scene, setScene, views } from './support/scene.ts';

const base = testWithServer();

base('every method of the protocol has an entry, and no other', () => {
  expect(Object.keys(entries).toSorted()).toEqual(methodNames.toSorted());
});

/** The caller's session is over after these. */
const ENDS: ReadonlySet<string> = new Set(['leave', 'room.end']);

/** The code of an answer: what a client has to go by. */
const codeOf = (answer: Answer): ErrorCode | 'ok' => (answer.ok ? 'ok' : answer.error.code);

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
}

/** That nobody else noticed a call that was refused or passed over. */
async function expectUnnoticed(scene: Scene, call: () => Promise<void>): Promise<void> {
  const before = await views(scene);
  await call();
  expect(await overheard(scene)).toEqual([]);
  expect(await views(scene)).toEqual(before);
}

// Each test has rooms of its own, and some wait for a timer.
describe.concurrent.for(methodNames)('%s', (method) => {
  const entry = entryOf(method);
  const spec = specOf(method);
  const test = base.extend('scene', ({ server, cast }) => setScene(server, cast, entry));

  test('does what it is for', async ({ scene }) => {
    const input = entry.good(scene);
    const answer = await callerOf(method, scene).send(method, input);
    if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.error)}`);
    await entry.effect(scene, answer.data as never, input);
    expect(await overheard(scene)).toEqual([]);
  });

  test('passes over keys that it does not know', async ({ scene }) => {
    const input = entry.good(scene);
    const extra = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"role":"host"}');
    const data = { ...input };
    for (const key of Object.keys(extra)) {
      if (Object.hasOwn(input, key)) continue;
      Object.defineProperty(data, key, { value: extra[key], enumerable: true, configurable: true });
    }
    const answer = await callerOf(method, scene).send(method, data);
    expect(codeOf(answer)).toBe('ok');
    await entry.effect(scene, (answer.ok ? answer.data : {}) as never, input);
    expect(await overheard(scene)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  test('refuses whatever does not fit its schema, and nobody notices', async ({ scene }) => {
    const caller = callerOf(method, scene);
    await expectUnnoticed(scene, async () => {
      // `null` stands for no input, as JSON has no undefined.
      for (const data of ['text', 7, true, [], [{}]]) {
        expect(codeOf(await caller.send(method, data)), JSON.stringify(data)).toBe('bad-request');
      }
    });
  });

  // As many in one scene as the rate allows.
  const bad = chunks(entry.bad, spec.rate.burst - 1);
  test.for(bad)('refuses what is not valid, and nobody notices (%#)', async (inputs, { scene }) => {
    const caller = callerOf(method, scene);
    await expectUnnoticed(scene, async () => {
      for (const [what, make, path] of inputs) {
        const answer = await caller.send(method, make(entry.good(scene) as never));
        expect(answer, what).toMatchObject({ ok: false, error: { code: 'bad-request', path } });
      }
    });
  });

  const refused = chunks(entry.refused ?? [], spec.rate.burst - 1);
  test.for(refused)('does nothing where the state or the ids speak against it (%#)', async (inputs, { scene }) => {
    const caller = callerOf(method, scene);
    await expectUnnoticed(scene, async () => {
      for (const [what, make, code] of inputs) {
        const answer = await caller.send(method, make(entry.good(scene) as never, scene));
        expect(codeOf(answer), `${what}: ${JSON.stringify(answer)}`).toBe(code);
      }
    });
    // The other room works as before.
    await scene.sam.publishMicrophone();
    await scene.nora.wire.take('consumer.created');
  });

  test('takes as many bytes as it says, and not one more', async ({ scene }) => {
    const caller = callerOf(method, scene);
    const input = entry.good(scene);
    const frame = Buffer.byteLength(JSON.stringify({ ...input, pad: '' }));
    const room = spec.maxBytes - frame;
    // Bytes, not characters: each of these is two.
    const large = { ...input, pad: 'é'.repeat(Math.floor(room / 2)) + 'x'.repeat(room % 2) };
    expect(Buffer.byteLength(JSON.stringify(large))).toBe(spec.maxBytes);
    await expectUnnoticed(scene, async () => {
      const answer = await caller.send(method, { ...large, pad: `${large.pad}x` });
      expect(codeOf(answer)).toBe('too-large');
    });
    const answer = await caller.send(method, large);
    expect(codeOf(answer)).toBe('ok');
    await entry.effect(scene, (answer.ok ? answer.data : {}) as never, input);
  });

  test('is only for those whom the stage allows', async ({ scene }) => {
    const { vera, alice } = scene;
    if (spec.stage === 'any') {
      const answer = await vera.send(method, entry.good(scene));
      expect(['ok', 'not-found']).toContain(codeOf(answer));
      return;
    }
    const other = spec.stage === 'joined' ? vera : alice.wire;
    await expectUnnoticed(scene, async () => {
      expect(codeOf(await other.send(method, entry.good(scene)))).toBe('wrong-state');
      // Not even whether the input was right is told.
      expect(codeOf(await other.send(method, []))).toBe('wrong-state');
    });
  });

  test('is performed once for one request id, however often it is sent', async ({ scene }) => {
    const caller = callerOf(method, scene);
    const input = entry.good(scene);
    const id = randomUUID();
    const [first, ...repeats] = await Promise.all([1, 2, 3].map(() => caller.send(method, input, id)));
    if (!first?.ok) throw new Error(`refused: ${JSON.stringify(first)}`);
    for (const repeat of repeats) expect(repeat).toEqual(first);
    await entry.effect(scene, first.data as never, input);
    expect(await overheard(scene)).toEqual([]);
    if (ENDS.has(method)) return;

    await hush(scene);
    // The id says which request it is, not what comes with it.
    expect(await caller.send(method, { nonsense: true }, id)).toEqual(first);
    await caller.drop();
    expect((await caller.resume()).resumed).toBe(true);
    expect(await caller.send(method, input, id)).toEqual(first);
    const heard = (await overheard(scene)).filter((line) => !line.includes('"presence"'));
    expect(heard).toEqual([]);
  });

  test('is one more call under another request id', async ({ scene }) => {
    if (ENDS.has(method)) return;
    const caller = callerOf(method, scene);
    const input = entry.good(scene);
    expect(codeOf(await caller.send(method, input))).toBe('ok');
    expect(codeOf(await caller.send(method, input))).toBe(entry.again ?? 'ok');
  });
});
