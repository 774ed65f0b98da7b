import { describe, expect, it } from 'vitest';
import { grows, rememberSpeaker, sameWant, UNKNOWN_VIEW, wantFor } from './layers.ts';

const camera = { source: 'camera', width: 1280, height: 720, spatialLayers: 3 } as const;
const view = (height: number, more = {}) => ({ visible: true, width: (height * 16) / 9, height, ...more });

describe('wantFor', () => {
  it.each([
    [90, 0],
    [180, 0],
    [225, 0],
    [226, 1],
    [450, 1],
    [451, 2],
    [720, 2],
    [2160, 2],
  ])('takes the lowest layer that is sharp in a tile of %i pixels: %i', (height, layer) => {
    expect(wantFor(camera, view(height), false)).toMatchObject({ paused: false, spatialLayer: layer });
  });

  it('goes by what the tile shows of the picture, not by its letterbox', () => {
    const portrait = { ...camera, width: 720, height: 1280 };
    expect(wantFor(portrait, { visible: true, width: 1280, height: 320 }, false).spatialLayer).toBe(0);
    expect(wantFor(camera, { visible: true, width: 320, height: 1000 }, false).spatialLayer).toBe(0);
  });

  it('pauses what is not seen, unless the person spoke lately', () => {
    expect(wantFor(camera, view(720, { visible: false }), false).paused).toBe(true);
    expect(wantFor(camera, { visible: true, width: 0, height: 0 }, false).paused).toBe(true);
    expect(wantFor(camera, view(720, { visible: false }), true)).toEqual({
      paused: false,
      spatialLayer: 0,
      priority: 10,
    });
  });

  it('puts screens before pinned cameras before others before thumbnails', () => {
    const priority = (track: Parameters<typeof wantFor>[0], how: Parameters<typeof wantFor>[1]) =>
      wantFor(track, how, false).priority;
    expect(priority({ ...camera, source: 'screen' }, view(100))).toBe(200);
    expect(priority(camera, view(720, { pinned: true }))).toBe(150);
    expect(priority(camera, view(720))).toBe(100);
    expect(priority(camera, view(120))).toBe(50);
  });

  it('knows no layers above those that are sent, nor sizes that nobody told', () => {
    expect(wantFor({ ...camera, spatialLayers: 1 }, view(720), false).spatialLayer).toBe(0);
    const unknown = { source: 'camera', width: undefined, height: undefined, spatialLayers: 3 } as const;
    expect(wantFor(unknown, UNKNOWN_VIEW, false)).toMatchObject({ paused: false, spatialLayer: 0 });
  });
});

describe('changes of a want', () => {
  const low = { paused: false, spatialLayer: 0, priority: 50 };
  const high = { paused: false, spatialLayer: 2, priority: 100 };
  const paused = { paused: true, spatialLayer: 0, priority: 10 };

  it('grow when more is to be sent', () => {
    expect(grows(undefined, low)).toBe(true);
    expect(grows(paused, low)).toBe(true);
    expect(grows(low, high)).toBe(true);
    expect(grows(high, low)).toBe(false);
    expect(grows(high, paused)).toBe(false);
  });

  it('are none when nothing would be done differently', () => {
    expect(sameWant(undefined, low)).toBe(false);
    expect(sameWant(low, { ...low })).toBe(true);
    expect(sameWant(paused, { ...paused, priority: 20 })).toBe(true);
    expect(sameWant(low, { ...low, priority: 100 })).toBe(false);
  });
});

it('rememberSpeaker keeps the last ones, each once', () => {
  let last: string[] = [];
  for (const id of ['a', 'b', 'a', 'c', 'd']) last = rememberSpeaker(last, id, 3);
  expect(last).toEqual(['d', 'c', 'a']);
});
