import { expect, test } from 'vitest';
import { FfmpegWords } from './ffmpeg-words.ts';

function start() {
  const refused: string[] = [];
  const words = new FfmpegWords(({ refusal, detail }) => refused.push(`${refusal} ${detail}`));
  return { refused, words };
}

/** What FFmpeg 5.1 said of a stream of HEVC and MP2, in two pieces. */
const SAID = [
  "[info] Input #0, mpegts, from 'srt://127.0.0.1:9777?mode=listener':\n[info]   Program 1 \n",
  '[info]   Stream #0:0[0x100]: Video: hevc (Main) (HEVC / 0x43564548), yuv420p(tv), 320x180, 15 fps\n[info]   Stream #0:1[0x101](eng): Aud',
  'io: mp2 ([3][0][0][0] / 0x0003), 48000 Hz, mono, fltp, 384 kb/s\n',
  '[flv @ 0x5562fae87cc0] [error] Video codec hevc not compatible with flv\n[error] \n[fatal] No more.',
];

test('says what the first picture and the first sound are that cannot be taken, and what went wrong', () => {
  const { refused, words } = start();
  for (const piece of SAID) words.push(piece);
  expect(refused).toEqual(['picture-codec HEVC', 'sound-codec MP2']);
  expect(words.ended()).toBe('Video codec hevc not compatible with flv\n\nNo more.');
});

test('of other tracks than the first ones nothing is said', () => {
  const { refused, words } = start();
  words.push('[info]   Stream #0:0[0x100]: Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p, 320x180\n');
  words.push('[info]   Stream #0:1[0x101]: Audio: aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, mono\n');
  words.push('[info]   Stream #0:2[0x102]: Audio: ac3 (AC-3 / 0x332D4341), 48000 Hz, 5.1(side)\n');
  words.push('[info] Stream mapping:\n[info]   Stream #0:0 -> #0:0 (copy)\n[warning] Audio: opus\n');
  expect(refused).toEqual([]);
  expect(words.ended()).toBe('');
});
