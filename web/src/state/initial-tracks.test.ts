import type { LocalMediaState } from '@amphi/client';
import { expect, test } from 'vitest';
import { initialTracks } from './initial-tracks.ts';

const camera = { id: 'camera' } as MediaStreamTrack;
const microphone = { id: 'microphone' } as MediaStreamTrack;
const state = (patch: Partial<LocalMediaState>) =>
  ({ camera: null, microphone: null, music: false, ...patch }) as LocalMediaState;

test('without devices nothing is sent', () => {
  expect(initialTracks(state({}), true, true)).toEqual([]);
});

test('a camera that is off is not sent, a microphone that is off is announced muted', () => {
  expect(initialTracks(state({ camera, microphone, music: true }), false, false)).toEqual([
    { source: 'microphone', track: microphone, muted: true, music: true },
  ]);
  expect(initialTracks(state({ camera, microphone }), true, true).map((track) => track.source)).toEqual([
    'microphone',
    'camera',
  ]);
});
