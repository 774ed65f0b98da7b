import { type Answer, AmphiError, type RequestEnvelope } from '@amphi/protocol';
import { describe, expect, test, vi } from 'vitest';
import { RequestQueue, type RequestQueueOptions } from './requests.ts';
import { FakeClock, until } from './testing/index.ts';

function queue(options: Partial<RequestQueueOptions> = {}) {
  const clock = new FakeClock();
  const answered: string[] = [];
  const requests = new RequestQueue({
    clock,
    admit: () => async () => ({}),
    refuse: (error) => ({
      ok: false,
      error: error instanceof AmphiError ? error.toBody() : { code: 'internal', message: String(error) },
    }),
    answered: ({ id }) => void answered.push(id),
    ...options,
  });
  const call = (id: string, method = 'm') => {
    const answers: Answer[] = [];
    requests.handle({ id, method, data: {} }, (answer) => answers.push(answer));
    return answers;
  };
  return { clock, answered, call };
}

describe('request queue', () => {
  test('performs one request at a time, in order', async () => {
    const log: string[] = [];
    const gates = new Map([
      ['a', Promise.withResolvers<void>()],
      ['b', Promise.withResolvers<void>()],
    ]);
    const { call } = queue({
      admit:
        ({ id }) =>
        async () => {
          log.push(`${id} begins`);
          await gates.get(id)?.promise;
          log.push(`${id} ends`);
        },
    });
    call('a');
    call('b');
    await until(() => log.length === 1);
    gates.get('b')?.resolve();
    gates.get('a')?.resolve();
    await until(() => log.length === 4);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('a repeat gets the first answer and is not performed', async () => {
    let n = 0;
    const perform = vi.fn<() => Promise<unknown>>(async () => ({ n: ++n }));
    const { call } = queue({ admit: () => perform });
    const first = call('a');
    await until(() => first.length === 1);
    const second = call('a');
    expect(second).toEqual(first);
    expect(perform).toHaveBeenCalledTimes(1);
  });

  test('a repeat during the request waits for the same answer', async () => {
    const gate = Promise.withResolvers<void>();
    const perform = vi.fn<() => Promise<unknown>>(async () => {
      await gate.promise;
      return { n: 1 };
    });
    const { call, answered } = queue({ admit: () => perform });
    const [first, second] = [call('a'), call('a')];
    gate.resolve();
    await until(() => answered.length === 1);
    expect([...first, ...second]).toEqual([
      { ok: true, data: { n: 1 } },
      { ok: true, data: { n: 1 } },
    ]);
    expect(perform).toHaveBeenCalledTimes(1);
  });

  test('a repeat of a refused request is refused the same, without being judged again', () => {
    const admit = vi.fn<(envelope: RequestEnvelope) => never>(() => {
      throw new AmphiError('unknown-method', 'no');
    });
    const { call } = queue({ admit });
    expect(call('a')).toEqual(call('a'));
    expect(admit).toHaveBeenCalledTimes(1);
  });

  test('a request that hangs is answered after the time-out, and the next has its turn', async () => {
    const begun = vi.fn<() => void>();
    const { call, clock } = queue({
      timeoutMs: 500,
      admit:
        ({ id }) =>
        () => {
          begun();
          return id === 'hangs' ? new Promise(() => {}) : Promise.resolve({});
        },
    });
    const hanging = call('hangs');
    const next = call('next');
    await until(() => begun.mock.calls.length === 1);
    clock.advance(500);
    await until(() => next.length === 1);
    expect(hanging).toMatchObject([{ ok: false, error: { code: 'internal' } }]);
    expect(next).toMatchObject([{ ok: true }]);
  });

  test('refuses what comes while too many wait', async () => {
    const gate = Promise.withResolvers<void>();
    const { call } = queue({ maxWaiting: 2, admit: () => () => gate.promise });
    const kept = [call('a'), call('b')];
    expect(call('c')).toMatchObject([{ ok: false, error: { code: 'rate-limited' } }]);
    gate.resolve();
    await until(() => kept.every((answers) => answers.length === 1));
    const later = call('d');
    await until(() => later.length === 1);
    expect(later).toMatchObject([{ ok: true }]);
  });

  test('forgets the oldest answers', async () => {
    const perform = vi.fn<() => Promise<unknown>>(async () => ({}));
    const { call, answered } = queue({ maxKept: 2, admit: () => perform });
    for (const id of ['a', 'b', 'c']) call(id);
    await until(() => answered.length === 3);
    call('c');
    expect(answered).toHaveLength(3);
    call('a');
    await until(() => answered.length === 4);
    expect(perform).toHaveBeenCalledTimes(4);
  });

  test('keeps no more bytes than it may', async () => {
    const perform = vi.fn<() => Promise<unknown>>(async () => ({ text: 'x'.repeat(1000) }));
    const { call, answered } = queue({ maxKeptBytes: 1500, admit: () => perform });
    call('a');
    call('b');
    await until(() => answered.length === 2);
    call('a');
    await until(() => answered.length === 3);
    expect(perform).toHaveBeenCalledTimes(3);
  });
});
