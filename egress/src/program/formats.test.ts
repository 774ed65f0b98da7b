import { expect, test } from 'vitest';
import { toAnnexB } from '../codecs/h264.ts';
import { AdtsParser } from './adts.ts';
import { FlvParser } from './canvas/flv.ts';

/** In pieces of so many bytes. */
function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function adts(payload: Buffer): Buffer {
  const length = payload.length + 7;
  return Buffer.concat([
    Buffer.from([0xff, 0xf1, 0x4c, 0x80 | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc]),
    payload,
  ]);
}

test.each([1, 5, 1000])('takes frames out of ADTS that comes in pieces of %i bytes, past what is none', (size) => {
  const frames = [Buffer.from('first'), Buffer.alloc(300, 7), Buffer.from('last')];
  const stream = Buffer.concat([Buffer.from([1, 2, 0xff]), ...frames.map(adts)]);
  const parser = new AdtsParser();
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
  const parser = new FlvParser();
  expect([...pieces(stream, size)].flatMap((piece) => parser.push(piece))).toEqual([
    { kind: 'config', keyFrame: true, data: Buffer.from([1, 2]) },
    { kind: 'frame', keyFrame: true, data: Buffer.from([3]) },
    { kind: 'frame', keyFrame: false, data: Buffer.from([4, 5]) },
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
