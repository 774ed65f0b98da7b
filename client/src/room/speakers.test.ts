import { describe, expect, it } from 'vitest';
import { report } from '../stats/testing.ts';
import { sameSpeakers, SILENCE, speakersOfEvent, speakersOfReport } from './speakers.ts';

const ids = { self: 'me', peer: 'ann' };
const heard = new Set(['mic']);
const levels = (self: number, peer: number) =>
  report(
    { type: 'media-source', kind: 'audio', audioLevel: self },
    { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'mic', audioLevel: peer },
    { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'screen-audio', audioLevel: 1 },
  );

describe('speakersOfReport', () => {
  it('hears who speaks, and not what a screen plays', () => {
    expect(speakersOfReport(levels(0, 0.1), heard, ids, SILENCE)).toMatchObject({ dominantId: 'ann' });
    expect([...speakersOfReport(levels(0, 0), heard, ids, SILENCE).levels]).toEqual([]);
    expect([...speakersOfReport(levels(0.2, 0.1), heard, ids, SILENCE).levels.keys()]).toEqual(['me', 'ann']);
  });

  it('leaves the floor to who has it while that person speaks', () => {
    const last = speakersOfReport(levels(0, 0.1), heard, ids, SILENCE);
    expect(speakersOfReport(levels(0.5, 0.05), heard, ids, last).dominantId).toBe('ann');
    expect(speakersOfReport(levels(0.5, 0), heard, ids, last).dominantId).toBe('me');
    expect(speakersOfReport(levels(0, 0), heard, ids, last).dominantId).toBeNull();
  });
});

it('speakersOfEvent turns dBov into loudness', () => {
  const speakers = speakersOfEvent({
    dominantId: 'a',
    levels: [
      { memberId: 'a', level: 0 },
      { memberId: 'b', level: -60 },
    ],
  });
  expect([...speakers.levels]).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
});

it('sameSpeakers passes over differences that nobody sees', () => {
  const a = { dominantId: 'a', levels: new Map([['a', 0.5]]) };
  expect(sameSpeakers(a, { dominantId: 'a', levels: new Map([['a', 0.51]]) })).toBe(true);
  expect(sameSpeakers(a, { dominantId: 'a', levels: new Map([['a', 0.6]]) })).toBe(false);
  expect(sameSpeakers(a, { dominantId: null, levels: new Map([['a', 0.5]]) })).toBe(false);
  expect(sameSpeakers(a, { dominantId: 'a', levels: new Map([['b', 0.5]]) })).toBe(false);
});
