import { describe, expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { takeSample } from './sample.ts';

const expectations = { wantedUp: 1000, starved: 0, watched: 1 };
const received = (packetsReceived: number, packetsLost: number) =>
  report({ id: 'in', type: 'inbound-rtp', packetsReceived, packetsLost });

describe('takeSample', () => {
  it('measures the loss since the last sample', () => {
    const first = takeSample({ sending: null, receiving: received(1000, 500), ...expectations }, new Map());
    expect(first.sample.lossDown).toBeNull();
    const second = takeSample({ sending: null, receiving: received(1090, 510), ...expectations }, first.memory);
    expect(second.sample.lossDown).toBeCloseTo(0.1);
  });

  it('does not call one lost packet of a few a rate, nor late packets a gain', () => {
    const first = takeSample({ sending: null, receiving: received(100, 10), ...expectations }, new Map());
    expect(
      takeSample({ sending: null, receiving: received(102, 11), ...expectations }, first.memory).sample.lossDown,
    ).toBeNull();
    expect(
      takeSample({ sending: null, receiving: received(200, 5), ...expectations }, first.memory).sample.lossDown,
    ).toBe(0);
  });

  it('passes over the stream that only probes the bandwidth', () => {
    const probed = (packetsReceived: number, packetsLost: number) =>
      report({ id: 'probe', type: 'inbound-rtp', mid: 'probator', packetsReceived, packetsLost });
    const first = takeSample({ sending: null, receiving: probed(0, 0), ...expectations }, new Map());
    const second = takeSample({ sending: null, receiving: probed(50, 50), ...expectations }, first.memory);
    expect(second.sample.lossDown).toBeNull();
  });

  it('reads the way up, the round trip, the limits and the protocol', () => {
    const sending = report(
      { type: 'remote-inbound-rtp', fractionLost: 0.02 },
      { type: 'remote-inbound-rtp', fractionLost: 0.06 },
      { type: 'outbound-rtp', qualityLimitationReason: 'bandwidth' },
      { type: 'outbound-rtp', qualityLimitationReason: 'cpu', active: false },
      { type: 'transport', selectedCandidatePairId: 'pair' },
      {
        id: 'pair',
        type: 'candidate-pair',
        currentRoundTripTime: 0.25,
        availableOutgoingBitrate: 9e5,
        localCandidateId: 'l',
      },
      { id: 'l', type: 'local-candidate', protocol: 'tcp' },
    );
    const { sample } = takeSample({ sending, receiving: null, ...expectations }, new Map());
    expect(sample).toEqual({
      lossUp: 0.06,
      lossDown: null,
      rttMs: 250,
      tcp: true,
      limitedBy: 'bandwidth',
      availableUp: 900_000,
      ...expectations,
    });
  });
});
