import { describe, expect, it } from 'vitest';
import { preferCodecs, startVideoAt, tuneOpus } from './sdp.ts';

const SDP = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 63 111',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1;stereo=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:98 VP9/90000',
  'a=fmtp:98 profile-id=0',
  '',
].join('\r\n');

describe('tuneOpus', () => {
  it('sets for Opus what the sound is, and leaves the rest alone', () => {
    const speech = tuneOpus(SDP, 'voice');
    expect(speech).toContain('a=fmtp:111 minptime=10;useinbandfec=1;stereo=0;usedtx=1;maxaveragebitrate=32000\r\n');
    expect(speech).toContain('a=fmtp:63 111/111\r\n');
    expect(speech).toContain('a=fmtp:98 profile-id=0\r\n');
    expect(tuneOpus(SDP, 'screen')).toContain('stereo=1;usedtx=1;maxaveragebitrate=64000\r\n');
    expect(tuneOpus(SDP, 'music')).toContain('stereo=1;usedtx=0;maxaveragebitrate=128000\r\n');
  });
});

describe('startVideoAt', () => {
  it('adds the rate to every video codec, once', () => {
    const tuned = startVideoAt(SDP, 1000);
    expect(tuned).toContain('a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=1000\r\n');
    expect(tuned).toContain('a=fmtp:98 profile-id=0;x-google-start-bitrate=1000\r\n');
    expect(tuned).toContain('a=fmtp:97 apt=96\r\n');
    expect(startVideoAt(tuned, 1000)).toBe(tuned);
    expect(tuned.match(/x-google/g)).toHaveLength(2);
  });
});

it('preferCodecs keeps all codecs and the order of those without preference', () => {
  const codecs = ['audio/opus', 'audio/G722', 'audio/red', 'audio/PCMU'].map((mimeType) => ({ mimeType }));
  expect(preferCodecs(codecs, ['audio/red', 'audio/opus']).map(({ mimeType }) => mimeType)).toEqual([
    'audio/red',
    'audio/opus',
    'audio/G722',
    'audio/PCMU',
  ]);
});
