import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import { measureDownlink } from './downlink-measure.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PADDING = 'x'.repeat(12_000);
/** When the answers to both requests of a look come, in milliseconds. */
type Look = [ping: number, padding: number];
const THIN: Look = [40, 360];
const FAR: Look = [300, 310];
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

/** What is found by these looks. */
async function found(looks: readonly Look[], isInCall = false): Promise<number[]> {
  let asked = 0;
  const request = (async (method: string) => {
    const isPing = method === 'session.ping';
    const [ping, padding] = looks[Math.floor(asked++ / 2)] ?? [Number.NaN, Number.NaN];
    await new Promise((resolve) => setTimeout(resolve, isPing ? ping : padding));
    return isPing ? {} : { padding: PADDING };
  }) as unknown as Request;
  const all: number[] = [];
  const measured = measureDownlink(
    request,
    (bps) => all.push(bps),
    () => isInCall,
  );
  await vi.runAllTimersAsync();
  await measured;
  expect(asked, 'looks').toBe(looks.length * 2);
  return all;
}

describe('the downlink', () => {
  it('is what the padding took beyond a round trip', async () => {
    expect(await found(times(5, THIN))).toEqual(times(5, 300_000));
  });

  it('is wide at the first look where all comes at once, and at the second where it is far away', async () => {
    expect(await found([[10, 20]])).toEqual([9_600_000]);
    expect(await found([FAR, FAR])).toEqual([9_600_000]);
  });

  it('is what the fastest answers say: what fell on a busy moment, or waited for a lost packet, does not count', async () => {
    expect(
      await found([
        [10, 970],
        [10, 20],
      ]),
    ).toEqual([100_000, 9_600_000]);
  });

  it('is not said to be wide because one ping was late', async () => {
    expect(await found([[350, 360], THIN, THIN, THIN, THIN])).toEqual(times(4, 300_000));
  });

  it('is looked at no more than twice beside the media of a call', async () => {
    expect(await found([THIN, THIN], true)).toEqual([300_000, 300_000]);
  });

  it('is what was found so far where the server does not answer', async () => {
    const all: number[] = [];
    const request = vi.fn(async (method: string) => {
      if (request.mock.calls.length > 2) throw new Error('rate-limited');
      if (method === 'media.measure') await new Promise((resolve) => setTimeout(resolve, 320));
      return { padding: PADDING };
    });
    const measured = measureDownlink(
      request as unknown as Request,
      (bps) => all.push(bps),
      () => false,
    );
    await Promise.all([expect(measured).rejects.toThrow('rate-limited'), vi.runAllTimersAsync()]);
    expect(all).toEqual([300_000]);
  });
});
