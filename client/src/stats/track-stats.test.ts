import { describe, expect, it } from 'vitest';
import { connectionStats } from './connection-stats.ts';
import { report } from './testing.ts';
import { receivedStats, sentStats } from './track-stats.ts';

const ref = { trackId: 'p', memberId: 'm', source: 'camera', path: 'sfu' } as const;

describe('receivedStats', () => {
  const at = (timestamp: number, more: object) =>
    report(
      { id: 'codec', type: 'codec', mimeType: 'video/VP8' },
      { id: 'in', type: 'inbound-rtp', kind: 'video', trackIdentifier: 't', codecId: 'codec', timestamp, ...more },
    );

  it('makes rates of the counters since the last report', () => {
    const before = at(1000, { bytesReceived: 1000, packetsReceived: 10, packetsLost: 0 });
    const now = at(3000, {
      bytesReceived: 251_000,
      packetsReceived: 100,
      packetsLost: 10,
      jitter: 0.005,
      frameWidth: 640,
      frameHeight: 360,
      framesPerSecond: 30,
      framesDecoded: 77,
      freezeCount: 1,
    });
    expect(receivedStats(now, before, ref, 't', 1)).toEqual({
      ...ref,
      direction: 'receive',
      bitrateBps: 1_000_000,
      loss: 0.1,
      jitterMs: 5,
      width: 640,
      height: 360,
      framesPerSecond: 30,
      codec: 'VP8',
      layer: '1',
      frames: 77,
      freezeCount: 1,
      concealed: null,
    });
  });

  it('knows no rates of a first report, and nothing of another track', () => {
    const first = at(1000, { bytesReceived: 1000 });
    expect(receivedStats(first, undefined, ref, 't', null)).toMatchObject({
      bitrateBps: null,
      loss: null,
      layer: null,
    });
    expect(receivedStats(first, undefined, ref, 'other', null)).toBeNull();
  });

  it('tells how much of a voice was made up', () => {
    const voice = (concealedSamples: number, totalSamplesReceived: number) =>
      report({
        id: 'in',
        type: 'inbound-rtp',
        kind: 'audio',
        trackIdentifier: 't',
        concealedSamples,
        totalSamplesReceived,
      });
    expect(receivedStats(voice(150, 2000), voice(50, 1000), ref, 't', null)?.concealed).toBe(0.1);
  });
});

describe('sentStats', () => {
  it('adds the layers up and counts the active ones', () => {
    const at = (timestamp: number, bytes: number) =>
      report(
        {
          id: 'a',
          type: 'outbound-rtp',
          mid: '1',
          timestamp,
          bytesSent: bytes,
          frameHeight: 180,
          active: true,
          remoteId: 'r',
        },
        { id: 'b', type: 'outbound-rtp', mid: '1', timestamp, bytesSent: 3 * bytes, frameHeight: 360, active: true },
        { id: 'c', type: 'outbound-rtp', mid: '1', timestamp, bytesSent: 0, active: false },
        { id: 'x', type: 'outbound-rtp', mid: '2', timestamp, bytesSent: 10 * bytes },
        { id: 'r', type: 'remote-inbound-rtp', fractionLost: 0.01, jitter: 0.002 },
      );
    expect(sentStats(at(2000, 2000), at(1000, 1000), ref, '1')).toMatchObject({
      direction: 'send',
      bitrateBps: 32_000,
      loss: 0.01,
      jitterMs: 2,
      height: 360,
      layer: '2/3',
    });
    expect(sentStats(at(1, 1), undefined, ref, '7')).toBeNull();
  });
});

describe('connectionStats', () => {
  it('reads the selected pair, also where there is no transport entry', () => {
    const ends = [
      { id: 'l', type: 'local-candidate', protocol: 'udp', candidateType: 'host' },
      { id: 'r', type: 'remote-candidate', candidateType: 'relay' },
    ] as const;
    const pair = {
      id: 'p',
      type: 'candidate-pair',
      nominated: true,
      state: 'succeeded',
      currentRoundTripTime: 0.03,
      localCandidateId: 'l',
      remoteCandidateId: 'r',
      bytesSent: 7,
      bytesReceived: 8,
    };
    const expected = { protocol: 'udp', localCandidate: 'host', remoteCandidate: 'relay', rttMs: 30 };
    const chromium = report(
      { type: 'transport', selectedCandidatePairId: 'p', bytesSent: 70, bytesReceived: 80 },
      pair,
      ...ends,
    );
    expect(connectionStats(chromium, 'direct', 'connected')).toMatchObject({
      ...expected,
      path: 'direct',
      bytesSent: 70,
    });
    expect(connectionStats(report(pair, ...ends), 'recv', 'connected')).toMatchObject({
      ...expected,
      path: 'sfu',
      bytesReceived: 8,
    });
    expect(connectionStats(report(), 'send', 'new')).toMatchObject({ protocol: null, rttMs: null, bytesSent: 0 });
  });
});
