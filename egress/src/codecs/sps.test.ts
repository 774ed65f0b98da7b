import { expect, test } from 'vitest';
import { readSps, sizeOfSps } from './sps.ts';

/** By x264, but for the last one. */
const sets: [string, string, ReturnType<typeof readSps>][] = [
  [
    'high, with two B-frames',
    '6764001facd9405005bbff0003000410000003001000000303c0f1831960',
    { profile: 100, width: 1280, height: 720, frameRate: 30, mayReorder: true },
  ],
  [
    'high, which says that it has none',
    '67640028acb200f0044fcbff8001800208000003000800000301e078c19240',
    { profile: 100, width: 1920, height: 1080, frameRate: 30, mayReorder: false },
  ],
  [
    'baseline',
    '6742c00cd901419f9fff000300041000000300100000030320f142a480',
    { profile: 66, width: 320, height: 180, frameRate: 25, mayReorder: false },
  ],
  [
    'ten bits, with a model of the buffer',
    '676e001fa6cd940a42fe224ffc0b500f0c40000003004000001e1810003d090007a13934e01e30632c',
    { profile: 110, width: 642, height: 362, frameRate: 60, mayReorder: true },
  ],
  [
    'main, which says nothing beside the size',
    '674d400af40a0bc8',
    { profile: 77, width: 320, height: 176, frameRate: undefined, mayReorder: true },
  ],
];

test.each(sets)('reads a sequence parameter set: %s', (_name, hex, said) => {
  const sps = Buffer.from(hex, 'hex');
  const read = readSps(sps);
  expect({ ...read, frameRate: read.frameRate && Math.round(read.frameRate) }).toEqual(said);
  expect(sizeOfSps(sps)).toEqual({ width: said.width, height: said.height });
});
