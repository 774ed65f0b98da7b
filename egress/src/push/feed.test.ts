import { describe, expect, test } from 'vitest';
import type { ProgramFormat, ProgramFrame } from '../program/program.ts';
import { RTMP } from '../rtmp/chunks.ts';
import { ProgramFeed, STALL_MS } from './feed.ts';

const VIDEO = { width: 640, height: 360, config: Buffer.from([1, 0x42]) };
const AUDIO = { sampleRate: 48_000, channels: 2, config: Buffer.from([0x11, 0x90]) };
const BOTH: ProgramFormat = { videos: [VIDEO], audio: AUDIO };

function frame(ms: number, keyFrame = false): ProgramFrame {
  return { timeUs: 5_000_000 + ms * 1000, wall: ms, keyFrame, data: Buffer.from([ms & 0xff]) };
}

function setUp() {
  const sent: { type: number; ms: number; body: number[] }[] = [];
  const calls: string[] = [];
  const state = { waiting: 0, now: 0 };
  const feed = new ProgramFeed({
    publication: {
      get waiting() {
        return state.waiting;
      },
      send: (type, ms, payload) => void sent.push({ type, ms, body: [...payload] }),
      close() {},
    },
    now: () => state.now,
    onFlow: (flowing) => calls.push(flowing ? 'flows' : 'rests'),
    onBreak: () => calls.push('break'),
    onBehind: () => calls.push('key frame, please'),
    onStall: () => calls.push('stall'),
    onEnd: () => calls.push('end'),
  });
  const media = () => sent.filter(({ type, body }) => type !== RTMP.data && body[1] === 1);
  return { feed, sent, media, calls, state };
}

describe('a program as an RTMP stream', () => {
  test('begins with what decoders need, then a key frame at time nought', () => {
    const { feed, sent, media, calls } = setUp();
    feed.format(BOTH);
    expect(sent.map(({ type }) => type)).toEqual([RTMP.data, RTMP.video, RTMP.data, RTMP.audio]);
    expect(sent[1]?.body).toEqual([0x17, 0, 0, 0, 0, 1, 0x42]);
    expect(sent[3]?.body).toEqual([0xaf, 0, 0x11, 0x90]);
    feed.audio(frame(0));
    feed.video(0, frame(10));
    expect([media(), calls]).toEqual([[], []]);

    feed.video(0, frame(40, true));
    feed.audio(frame(30));
    feed.audio(frame(61));
    feed.video(1, frame(70, true));
    feed.video(0, frame(73));
    expect(media()).toEqual([
      { type: RTMP.video, ms: 0, body: [0x17, 1, 0, 0, 0, 40] },
      { type: RTMP.audio, ms: 21, body: [0xaf, 1, 61] },
      { type: RTMP.video, ms: 33, body: [0x27, 1, 0, 0, 0, 73] },
    ]);
    expect(calls).toEqual(['flows']);
  });

  test('without a picture has its sound at once, and the picture when it comes', () => {
    const { feed, sent, media } = setUp();
    feed.format({ videos: [], audio: AUDIO });
    feed.audio(frame(0));
    feed.format(BOTH);
    feed.video(0, frame(50, true));
    expect(media().map(({ type, ms }) => [type, ms])).toEqual([
      [RTMP.audio, 0],
      [RTMP.video, 50],
    ]);
    // The format that is told again changes nothing, nor does one with less.
    const { length } = sent;
    feed.format(BOTH);
    feed.format({ videos: [], audio: AUDIO });
    expect(sent).toHaveLength(length);
  });

  test('is another one when the format changes, and has nothing more of it', () => {
    const { feed, media, calls } = setUp();
    feed.format(BOTH);
    feed.video(0, frame(0, true));
    feed.format({ ...BOTH, videos: [{ ...VIDEO, config: Buffer.from([1, 0x43]) }] });
    feed.video(0, frame(40, true));
    feed.audio(frame(40));
    feed.ended();
    expect(calls).toEqual(['flows', 'break']);
    expect(media()).toHaveLength(1);
  });

  test('leaves pictures out, and no sound, while too much waits, and goes on with a key frame', () => {
    const { feed, media, calls, state } = setUp();
    feed.format(BOTH);
    feed.video(0, frame(0, true));
    state.waiting = 3_000_000;
    feed.video(0, frame(33));
    feed.video(0, frame(66, true));
    feed.audio(frame(70));
    state.waiting = 0;
    feed.video(0, frame(100));
    expect(calls).toEqual(['flows', 'key frame, please']);
    feed.video(0, frame(133));
    feed.video(0, frame(166, true));
    expect(media().map(({ type, ms }) => [type, ms])).toEqual([
      [RTMP.video, 0],
      [RTMP.audio, 70],
      [RTMP.video, 166],
    ]);
  });

  test('is given up when nothing gets through for long', () => {
    const { feed, calls, state } = setUp();
    feed.format(BOTH);
    feed.video(0, frame(0, true));
    state.waiting = 3_000_000;
    feed.video(0, frame(33));
    state.now = STALL_MS;
    feed.video(0, frame(66));
    expect(calls).toEqual(['flows']);
    state.now += 1;
    feed.video(0, frame(99));
    expect(calls).toEqual(['flows', 'stall']);
  });

  test('rests while nobody on stage sends', () => {
    const { feed, calls } = setUp();
    feed.format(BOTH);
    feed.idle();
    feed.video(0, frame(0, true));
    feed.idle();
    feed.video(0, frame(33));
    feed.ended();
    expect(calls).toEqual(['flows', 'rests', 'flows', 'end']);
  });
});
