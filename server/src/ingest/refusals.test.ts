import { IngestRefused } from '@amphi/egress';
import { FakeClock } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { Refusals } from './refusals.ts';

const key = (id: string, roomId: string) => ({ id, roomId, name: `Studio ${id}`, createdAt: 0, usedAt: null });

test('has the last refusal of each key for some minutes, and until it is taken', () => {
  const clock = new FakeClock();
  const refusals = new Refusals(clock);
  refusals.add(key('a', 'lab'), 'srt', new IngestRefused('picture-codec', 'HEVC'));
  refusals.add(key('b', 'hall'), 'rtmp', new IngestRefused('no-h264'));
  clock.advance(60_000);
  refusals.add(key('a', 'lab'), 'rtmp', new IngestRefused('sound-codec', 'MP3'));
  clock.advance(1000);
  const about = { keyId: 'a', name: 'Studio a', protocol: 'rtmp', refusal: 'sound-codec', detail: 'MP3' };
  expect(refusals.of('lab')).toEqual([{ ...about, ago: 1000 }]);
  expect(refusals.of('hall')).toMatchObject([{ keyId: 'b', ago: 61_000 }]);
  clock.advance(240_000);
  expect(refusals.of('hall')).toEqual([]);
  expect(refusals.of('lab')).toHaveLength(1);
  refusals.clear('a');
  expect(refusals.of('lab')).toEqual([]);
});
