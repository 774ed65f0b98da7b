import { expect, test } from 'vitest';
import { toAnnexB } from '../codecs/h264.ts';
import { mp4Fragment, mp4Init } from '../containers/mp4.ts';
import { box, fullBox, u32 } from '../containers/mp4-boxes.ts';
import { PROGRAM_AUDIO } from './aac-encoder.ts';
import { FlvPictures } from '../rtmp/flv-pictures.ts';
import { FragmentParser } from './fragments.ts';

/** In pieces of so many bytes. */
function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function fragment(decodeTime: number, ...frames: readonly Buffer[]): Buffer {
  return mp4Fragment(1, [
    { trackId: 1, decodeTime, samples: frames.map((data) => ({ data, duration: 1024, keyFrame: true })) },
  ]);
}

/** As ffmpeg writes frames that are all of one size: that is told once, behind their length. */
function fragmentOfOneSize(size: number, ...frames: readonly Buffer[]): Buffer {
  const tfhd = fullBox('tfhd', 0, 0x020038, u32(1, 1024, size, 0x02000000));
  const trun = fullBox('trun', 0, 0x000001, u32(frames.length, 0));
  return Buffer.concat([
    box('moof', fullBox('mfhd', 0, 0, u32(1)), box('traf', tfhd, fullBox('tfdt', 0, 0, u32(0)), trun)),
    box('mdat', ...frames),
  ]);
}

test.each([1, 7, 1000])('takes frames out of a fragmented MP4 that comes in pieces of %i bytes', (size) => {
  const frames = [
    Buffer.from('first'),
    Buffer.alloc(300, 7),
    Buffer.from('last'),
    Buffer.alloc(6, 1),
    Buffer.alloc(6, 2),
  ];
  const stream = Buffer.concat([
    mp4Init([{ id: 1, timescale: 48_000, format: { kind: 'audio', codec: 'aac', ...PROGRAM_AUDIO } }]),
    fragment(0, ...frames.slice(0, 2)),
    fragment(2048, ...frames.slice(2, 3)),
    fragmentOfOneSize(6, ...frames.slice(3)),
  ]);
  const parser = new FragmentParser();
  expect([...pieces(stream, size)].flatMap((piece) => parser.push(piece))).toEqual(frames);
});

function flvTag(type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(11);
  header[0] = type;
  header.writeUIntBE(data.length, 1, 3);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(data.length + 11);
  return Buffer.concat([header, data, trailer]);
}

test.each([1, 7, 1000])('takes H.264 out of FLV that comes in pieces of %i bytes', (size) => {
  const stream = Buffer.concat([
    Buffer.from('FLV\u0001\u0001\0\0\0\u0009\0\0\0\0', 'latin1'),
    flvTag(18, Buffer.from('metadata')),
    flvTag(9, Buffer.from([0x17, 0, 0, 0, 0, 1, 2])),
    flvTag(9, Buffer.from([0x17, 1, 0, 0, 0, 3])),
    flvTag(9, Buffer.from([0x27, 1, 0, 0, 0, 4, 5])),
    // The end of the sequence.
    flvTag(9, Buffer.from([0x17, 2, 0, 0, 0, 0])),
  ]);
  const pictures = new FlvPictures();
  expect([...pieces(stream, size)].flatMap((piece) => pictures.push(piece))).toMatchObject([
    { is: 'config', data: Buffer.from([1, 2]) },
    { is: 'frame', keyFrame: true, data: Buffer.from([3]) },
    { is: 'frame', keyFrame: false, data: Buffer.from([4, 5]) },
  ]);
});

test('puts start codes before the NAL units, and the parameter sets before these', () => {
  const config = Buffer.from([1, 0x42, 0, 30, 0xff, 0xe1, 0, 2, 0x67, 0x42, 1, 0, 1, 0x68]);
  const data = Buffer.from([0, 0, 0, 2, 0x65, 9, 0, 0, 0, 1, 0x65]);
  expect([...toAnnexB(data, config)]).toEqual([
    ...[0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68],
    ...[0, 0, 0, 1, 0x65, 9, 0, 0, 0, 1, 0x65],
  ]);
});
