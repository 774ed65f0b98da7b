import { describe, expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { StallWatch } from './stall.ts';

const at = (received: number, responses: number, packetsSent: number) =>
  report(
    { type: 'transport', selectedCandidatePairId: 'p' },
    { id: 'p', type: 'candidate-pair', bytesReceived: received, responsesReceived: responses },
    { type: 'outbound-rtp', packetsSent },
  );

describe('StallWatch', () => {
  it('notices after a second that nobody answers what is sent', () => {
    const watch = new StallWatch();
    expect(watch.add('send', at(100, 1, 10), 0)).toBe(false);
    expect(watch.add('send', at(100, 1, 20), 500)).toBe(false);
    expect(watch.add('send', at(100, 1, 30), 1000)).toBe(true);
    expect(watch.add('send', at(100, 1, 40), 1500)).toBe(false);
    expect(watch.add('send', at(100, 1, 50), 2000)).toBe(true);
  });

  it('leaves an idle connection the time between two checks', () => {
    const watch = new StallWatch();
    watch.add('recv', at(100, 1, 0), 0);
    expect(watch.add('recv', at(100, 1, 0), 3000)).toBe(false);
    expect(watch.add('recv', at(100, 2, 0), 3500)).toBe(false);
    expect(watch.add('recv', at(100, 2, 0), 7000)).toBe(false);
    expect(watch.add('recv', at(100, 2, 0), 7500)).toBe(true);
  });

  it('keeps connections apart, and forgets them', () => {
    const watch = new StallWatch();
    watch.add('send', at(1, 1, 1), 0);
    expect(watch.add('recv', at(1, 1, 1), 9000)).toBe(false);
    watch.clear();
    expect(watch.add('send', at(1, 1, 1), 9000)).toBe(false);
    expect(watch.add('other', report(), 9000)).toBe(false);
  });
});
