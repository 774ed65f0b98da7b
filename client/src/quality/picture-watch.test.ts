import { describe, expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { PictureWatch, type WantedVideo } from './picture-watch.ts';

const camera: WantedVideo = { consumerId: 'camera', trackId: 'c', source: 'camera' };
const screen: WantedVideo = { consumerId: 'screen', trackId: 's', source: 'screen' };

/** At which times in seconds is asked for what, where these frames are decoded by the looks once a second. */
function asked(looks: readonly { c?: number; s?: number; wanted?: WantedVideo[] }[]): [number, string[]][] {
  const watch = new PictureWatch();
  return looks.flatMap(({ c, s, wanted = [camera, screen] }, second) => {
    const stats = [
      ...(c === undefined ? [] : [{ type: 'inbound-rtp', trackIdentifier: 'c', framesDecoded: c }]),
      ...(s === undefined ? [] : [{ type: 'inbound-rtp', trackIdentifier: 's', framesDecoded: s }]),
    ];
    const ids = watch.add(report(...stats), wanted, second * 1000);
    return ids.length > 0 ? [[second, ids] as [number, string[]]] : [];
  });
}

describe('PictureWatch', () => {
  it('asks for what does not come, ever more seldom', () => {
    const none = Array.from({ length: 40 }, () => ({ s: 0 }));
    expect(asked(none)).toEqual([2, 6, 14, 30].map((second) => [second, ['camera', 'screen']]));
  });

  it('asks for a camera that stood still, soon again after each time that it moved', () => {
    const looks = [1, 20, 40, 40, 40, 40, 40, 40, 41, 41, 41].map((c, s) => ({ c, s }));
    expect(asked(looks)).toEqual([
      [4, ['camera']],
      [10, ['camera']],
    ]);
  });

  it('leaves a screen alone that was there: nothing may have moved on it', () => {
    const looks = [0, 1, 1, 1, 1, 1, 1].map((s, c) => ({ c, s }));
    expect(asked(looks)).toEqual([]);
  });

  it('begins anew with what was not wanted for a while', () => {
    const still = { c: 9, s: 9 };
    const hidden = { ...still, wanted: [] };
    const looks = [{ c: 9, s: 8 }, still, hidden, hidden, still, still, still];
    expect(asked(looks)).toEqual([[6, ['camera', 'screen']]]);
  });
});
