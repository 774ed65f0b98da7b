import { expect, test } from 'vitest';
import type { IngestTrack } from './protocol.ts';
import { problemsOf } from './rules.ts';

const picture: IngestTrack = {
  ...{ memberId: 'pub-1', name: 'Studio', isProgram: true, producerId: 'p', source: 'camera', muted: false },
  ...{ codec: 'h264', profile: 66, level: 31, width: 1280, height: 720, frameRate: 30 },
  ...{
    keyFrameInterval: 2000,
    hasBFrames: false,
    treatment: 'as-sent',
    bitrate: 2_500_000,
    loss: 0,
    roundTrip: 20,
    channels: null,
  },
};
const sound: IngestTrack = {
  ...picture,
  ...{ source: 'microphone', codec: 'opus', profile: null, level: null, width: null, height: null, frameRate: null },
  ...{ keyFrameInterval: null, bitrate: 96_000, channels: 2 },
};

const of = (track: IngestTrack) => problemsOf(track).map(({ kind, params }) => [kind, params]);

test('nothing is wrong with what is as it should be', () => {
  expect([...of(picture), ...of(sound)]).toEqual([]);
});

test.each<[string, IngestTrack, [string, object][]]>([
  ['key frames every 10 s', { ...picture, keyFrameInterval: 10_040 }, [['key-frames', { seconds: 10 }]]],
  ['those of a browser, which makes them when asked', { ...picture, isProgram: false, keyFrameInterval: 60_000 }, []],
  ['not known yet', { ...picture, keyFrameInterval: null, frameRate: null }, []],
  ['B-frames', { ...picture, hasBFrames: true }, [['b-frames', {}]]],
  ['B-frames that the server takes out', { ...picture, treatment: 'encoded', bitrate: 9_000_000 }, [['encoded', {}]]],
  [
    'B-frames that it cannot take out',
    { ...picture, hasBFrames: true, profile: 110, treatment: 'no-core' },
    [['no-core', {}]],
  ],
  ['ten bits', { ...picture, profile: 110 }, [['profile', { profile: 110 }]]],
  ['VP8 of a program', { ...picture, codec: 'vp8', profile: null }, [['transcode', { codec: 'VP8' }]]],
  ['few pictures', { ...picture, frameRate: 12.4 }, [['slow', { rate: 12 }]]],
  ['few pictures of a screen', { ...picture, source: 'screen', isProgram: false, frameRate: 3 }, []],
  ['few bits', { ...picture, bitrate: 500_000 }, [['thin', { kbps: 500, needed: 829, height: 720 }]]],
  ['many bits', { ...picture, bitrate: 9_000_000 }, [['fat', { kbps: 9000 }]]],
  ['loss', { ...picture, loss: 0.051 }, [['loss', { percent: 5 }]]],
  ['a long way', { ...sound, roundTrip: 420.4 }, [['far', { ms: 420 }]]],
  ['silence', { ...sound, bitrate: 1200 }, [['quiet', {}]]],
  ['silence of a person', { ...sound, isProgram: false, bitrate: 1200 }, []],
  ['nothing at all', { ...picture, bitrate: 0, loss: 1 }, [['nothing', {}]]],
  ['muted', { ...picture, bitrate: 0, muted: true }, []],
])('%s', (_what, track, expected) => {
  expect(of(track)).toEqual(expected);
});
