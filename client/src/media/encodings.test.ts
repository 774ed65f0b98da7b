import { describe, expect, it } from 'vitest';
import { WELCOME } from '../signaling/testing.ts';
import {
  cameraBitrate,
  directEncoding,
  opusOptions,
  simulcastLayers,
  spatialLayersOf,
  svcFor,
  videoEncodings,
} from './encodings.ts';

const settings = WELCOME.media;
const camera = { source: 'camera', codec: 'vp8', width: 1280, height: 720, settings } as const;

describe('videoEncodings', () => {
  it('sends a camera in three simulcast layers, the smallest first', () => {
    const encodings = videoEncodings(camera);
    expect(encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([4, 2, 1]);
    expect(encodings.map(({ maxBitrate }) => maxBitrate)).toEqual([120_000, 601_041, 1_700_000]);
    expect(spatialLayersOf(encodings)).toBe(3);
  });

  it('sends fewer layers of small pictures', () => {
    expect(simulcastLayers(640, 360)).toBe(2);
    expect(simulcastLayers(640, 480)).toBe(2);
    expect(simulcastLayers(320, 180)).toBe(1);
    expect(videoEncodings({ ...camera, width: 640, height: 360 })).toHaveLength(2);
  });

  it('takes the shorter side of a phone held upright', () => {
    expect(videoEncodings({ ...camera, width: 720, height: 1280 }).at(-1)?.maxBitrate).toBe(1_700_000);
  });

  it('puts all layers into one stream of VP9, and sends AV1 in one size', () => {
    expect(videoEncodings({ ...camera, codec: 'vp9' })).toEqual([
      { maxBitrate: 1_700_000, scalabilityMode: 'L3T3_KEY' },
    ]);
    expect(spatialLayersOf(videoEncodings({ ...camera, codec: 'vp9' }))).toBe(3);
    expect(videoEncodings({ ...camera, codec: 'av1' })).toEqual([{ maxBitrate: 1_700_000, scalabilityMode: 'L1T3' }]);
    expect(videoEncodings({ ...camera, codec: 'vp9', width: 320, height: 180 })[0]?.scalabilityMode).toBe('L1T3');
  });

  it('sends a screen in two layers with the rate and the frames of a screen', () => {
    const screen = videoEncodings({ ...camera, source: 'screen', width: 1920, height: 1080 });
    expect(screen.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([2, 1]);
    expect(screen[0]).toMatchObject({ maxBitrate: 200_000, maxFramerate: 30 });
    expect(screen[1]).toMatchObject({ maxBitrate: 2_500_000, maxFramerate: 30 });
    expect(videoEncodings({ ...camera, source: 'screen', codec: 'vp9' })[0]?.scalabilityMode).toBe('L1T3');
  });

  it('never gives a camera more than the server wants, nor too little to be seen', () => {
    expect(cameraBitrate(1080, settings)).toBe(1_700_000);
    expect(cameraBitrate(45, settings)).toBe(100_000);
  });
});

describe('svcFor', () => {
  const full = { maxBitrate: 1_600_000, scalabilityMode: 'L3T3_KEY' };

  it('leaves out the layers that nobody looks at', () => {
    expect(svcFor(full, 2)).toMatchObject({ active: true, scaleResolutionDownBy: 1, scalabilityMode: 'L3T3_KEY' });
    expect(svcFor(full, 1)).toMatchObject({
      scaleResolutionDownBy: 2,
      scalabilityMode: 'L2T3_KEY',
      maxBitrate: 565_685,
    });
    expect(svcFor(full, 0)).toMatchObject({ scaleResolutionDownBy: 4, scalabilityMode: 'L1T3', maxBitrate: 200_000 });
    expect(svcFor(full, -1)).toEqual({ active: false });
  });
});

describe('directEncoding', () => {
  it('makes the picture as small as the other person’s tile', () => {
    expect(directEncoding(camera, 3, 2)).toEqual({ active: true, scaleResolutionDownBy: 1, maxBitrate: 1_700_000 });
    expect(directEncoding(camera, 3, 0)).toEqual({ active: true, scaleResolutionDownBy: 4, maxBitrate: 212_500 });
    expect(directEncoding(camera, 3, -1)).toEqual({ active: false });
    expect(directEncoding({ ...camera, source: 'screen' }, 2, 1).maxBitrate).toBe(2_500_000);
  });
});

it('opusOptions are for a voice, for the sound of a screen, or for music', () => {
  expect(opusOptions('voice')).toMatchObject({ opusDtx: true, opusStereo: false, opusFec: true, opusNack: true });
  expect(opusOptions('screen')).toMatchObject({ opusDtx: true, opusStereo: true, opusMaxAverageBitrate: 64_000 });
  expect(opusOptions('music')).toMatchObject({ opusDtx: false, opusStereo: true, opusMaxAverageBitrate: 128_000 });
});
