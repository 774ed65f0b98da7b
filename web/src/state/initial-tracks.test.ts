import type { LocalMediaState } from '@amphi/client';
import { expect, test } from 'vitest';
import { initialSwitches, initialTracks } from './initial-tracks.ts';

const camera = { id: 'camera' } as MediaStreamTrack;
const microphone = { id: 'microphone' } as MediaStreamTrack;
const state = (patch: Partial<LocalMediaState>) =>
  ({
    camera: null,
    microphone: null,
    cameraProblem: null,
    microphoneProblem: null,
    music: false,
    ...patch,
  }) as LocalMediaState;
const both = { microphone: true, camera: true };

test('without devices nothing is sent', () => {
  expect(initialTracks(state({}), both)).toEqual([]);
});

test('a camera that is off is not sent, a microphone that is off is announced muted', () => {
  expect(initialTracks(state({ camera, microphone, music: true }), { microphone: false, camera: false })).toEqual([
    { source: 'microphone', track: microphone, muted: true, music: true },
  ]);
  expect(initialTracks(state({ camera, microphone }), both).map((track) => track.source)).toEqual([
    'microphone',
    'camera',
  ]);
});

test('what is wanted is on, also while it is still being opened', () => {
  expect(initialSwitches(state({}), both)).toEqual(both);
  expect(initialSwitches(state({ camera, microphone }), { microphone: false, camera: true })).toEqual({
    microphone: false,
    camera: true,
  });
});

test('what could not be opened is off; a device that is open is on, though another could not be chosen', () => {
  expect(initialSwitches(state({ cameraProblem: 'denied' }), both)).toEqual({ microphone: true, camera: false });
  expect(initialSwitches(state({ camera, cameraProblem: 'in-use' }), both).camera).toBe(true);
});
