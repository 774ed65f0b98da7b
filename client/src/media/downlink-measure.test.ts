import { describe, expect, it } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import { measureDownlink } from './downlink-measure.ts';

const PADDING = 'x'.repeat(12_000);

/** What is found where requests take these times in milliseconds, by turns `session.ping` and `media.measure`. */
async function found(...times: number[]): Promise<number[]> {
  let clock = 0;
  const request = (async (method: string) => {
    const time = times.shift();
    if (time === undefined) throw new Error('asked once too often');
    clock += time;
    return method === 'media.measure' ? { padding: PADDING } : {};
  }) as unknown as Request;
  const all: number[] = [];
  await measureDownlink(
    request,
    (bps) => all.push(bps),
    () => clock,
  );
  return all;
}

describe('the downlink', () => {
  it('is what the padding took beyond a round trip', async () => {
    expect(await found(40, 360, 40, 360, 40, 360)).toEqual([300_000, 300_000, 300_000]);
  });

  it('is wide at the first look where all comes at once, and far away where the padding takes no longer than a ping', async () => {
    expect(await found(10, 20)).toEqual([9_600_000]);
    expect((await found(300, 310, 300, 305, 300, 303)).at(-1)).toBeGreaterThan(2_000_000);
  });

  it('is what the fastest answers say: what fell on a busy moment does not count', async () => {
    expect(await found(10, 970, 10, 20)).toEqual([100_000, 9_600_000]);
    // A ping that was late makes the padding look fast.
    expect(await found(350, 360, 40, 370, 45, 365)).toEqual([9_600_000, 300_000, 300_000]);
  });

  it('is what was found so far where the call is joined meanwhile', async () => {
    const all: number[] = [];
    let asked = 0;
    let clock = 0;
    const request = (async () => {
      asked += 1;
      if (asked > 2) throw new Error('wrong-state');
      clock += asked === 1 ? 0 : 320;
      return { padding: PADDING };
    }) as unknown as Request;
    const measured = measureDownlink(
      request,
      (bps) => all.push(bps),
      () => clock,
    );
    await expect(measured).rejects.toThrow('wrong-state');
    expect(all).toEqual([300_000]);
  });
});
