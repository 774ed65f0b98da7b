import { describe, expect, it } from 'vitest';
import { spatialLayersOf } from './layers.ts';

const codecs = [{ mimeType: 'video/VP9', payloadType: 98, clockRate: 90_000 }];

describe('spatialLayersOf', () => {
  it.each([
    ['a plain stream', [{ ssrc: 1 }], 1],
    ['no encodings at all', undefined, 1],
    ['simulcast', [{ rid: 'q' }, { rid: 'h' }, { rid: 'f' }], 3],
    [
      'simulcast with temporal layers',
      [
        { rid: 'q', scalabilityMode: 'L1T3' },
        { rid: 'f', scalabilityMode: 'L1T3' },
      ],
      2,
    ],
    ['SVC', [{ ssrc: 1, scalabilityMode: 'L3T3_KEY' }], 3],
    ['simulcast in one stream', [{ ssrc: 1, scalabilityMode: 'S2T1' }], 2],
    ['a mode nobody knows', [{ ssrc: 1, scalabilityMode: 'nonsense' }], 1],
  ])('counts %s', (_, encodings, layers) => {
    expect(spatialLayersOf({ codecs, encodings })).toBe(layers);
  });
});
