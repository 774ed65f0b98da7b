import { expect, test } from 'vitest';
import type { ReceivableCodec } from '../sdp/index.ts';
import { chooseCodec, codecFor, rank, type StageTrack } from './choose.ts';

const track = (producerId: string, source: StageTrack['source'], more: Partial<StageTrack> = {}): StageTrack => ({
  ...{ producerId, memberId: producerId.slice(0, 3), source, muted: false },
  kind: source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video',
  codec: source === 'microphone' || source === 'screen-audio' ? 'audio/opus' : 'video/vp8',
  ...more,
});

const stage = [
  track('ada-camera', 'camera'),
  track('ada-mic', 'microphone'),
  track('bob-camera', 'camera'),
  track('bob-mic', 'microphone'),
];

const order = (tracks: StageTrack[], kind: 'audio' | 'video', speaker: string | null, shown?: string) =>
  rank(tracks, kind, speaker, shown).map(({ producerId }) => producerId);

test('a screen comes first, then who speaks, then what is shown, then who was first', () => {
  expect(order(stage, 'video', null)).toEqual(['ada-camera', 'bob-camera']);
  expect(order(stage, 'video', 'bob')).toEqual(['bob-camera', 'ada-camera']);
  expect(order(stage, 'video', null, 'bob-camera')).toEqual(['bob-camera', 'ada-camera']);
  const shared = [...stage, track('ada-screen', 'screen'), track('bob-screen', 'screen')];
  expect(order(shared, 'video', 'bob').slice(0, 3)).toEqual(['ada-screen', 'bob-screen', 'bob-camera']);
  // One that is shown is not taken away by another.
  expect(order(shared, 'video', null, 'bob-screen')[0]).toBe('bob-screen');
});

test('a voice comes before the sound of a screen, and that before silence', () => {
  const shared = [...stage, track('ada-sound', 'screen-audio')];
  expect(order(shared, 'audio', 'bob')[0]).toBe('bob-mic');
  expect(order(shared, 'audio', null, 'bob-mic')[0]).toBe('ada-sound');
  expect(order(stage, 'audio', null, 'bob-mic')[0]).toBe('bob-mic');
});

test('what is muted is not there', () => {
  const muted = stage.map((each) => (each.producerId === 'ada-camera' ? { ...each, muted: true } : each));
  expect(order(muted, 'video', 'ada')).toEqual(['bob-camera']);
});

const codec = (mimeType: string, payloadType: number, parameters: ReceivableCodec['parameters'] = {}) => ({
  ...{ mimeType, payloadType, clockRate: 90_000, parameters, rtcpFeedback: [] },
});

test('of the profiles of H.264 the one that decodes the others too', () => {
  const h264 = (payloadType: number, profile: string, mode = 1) =>
    codec('video/H264', payloadType, { 'profile-level-id': profile, 'packetization-mode': mode });
  const offered = [h264(1, '42001f'), h264(2, '640032', 0), h264(3, '4d001f'), h264(4, 'f4001f')];
  expect(codecFor('video/h264', offered)?.payloadType).toBe(3);
  expect(codecFor('video/h264', [h264(2, '640032', 0)])).toBeUndefined();
  // Without a profile it is constrained baseline.
  expect(codecFor('video/h264', [codec('video/H264', 5, { 'packetization-mode': 1 })])?.payloadType).toBe(5);
});

test('the best of the stage that a receiver knows; before there is anything, what the server sends at best', () => {
  const offered = [codec('video/VP8', 96)];
  const screen = track('ada-screen', 'screen', { codec: 'video/h264' });
  const usual = ['video/h264', 'video/vp8'];
  expect(chooseCodec([screen, ...rank(stage, 'video', null, undefined)], offered, usual)?.payloadType).toBe(96);
  expect(chooseCodec([screen], offered, usual)).toBeUndefined();
  expect(chooseCodec([], offered, usual)?.payloadType).toBe(96);
});
