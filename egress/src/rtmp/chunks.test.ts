import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkReader, controlMessage, RTMP, RtmpProtocolError, writeChunks } from './chunks.ts';

const message = fc.record({
  type: fc.constantFrom(RTMP.audio, RTMP.video, RTMP.data, RTMP.command),
  streamId: fc.nat(3),
  timestamp: fc.oneof(fc.nat(0xff_ff_ff), fc.constantFrom(0xff_ff_fe, 0xff_ff_ff, 0x1_00_00_00, 0xff_ff_ff_ff)),
  payload: fc.uint8Array({ maxLength: 1000 }).map((bytes) => Buffer.from(bytes)),
});

describe('chunks', () => {
  test('give the messages that were cut into them, however they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.constantFrom(1, 64, 128, 4096),
        fc.integer({ min: 1, max: 700 }),
        (messages, size, step) => {
          const wire = Buffer.concat([
            writeChunks(2, controlMessage(RTMP.setChunkSize, size)),
            ...messages.map((one, index) => writeChunks(3 + (index % 3), one, size)),
          ]);
          const reader = new ChunkReader(2000);
          const read = [];
          for (let at = 0; at < wire.length; at += step) read.push(...reader.push(wire.subarray(at, at + step)));
          expect(read.slice(1)).toEqual(messages);
        },
      ),
    );
  });

  test('with short headers continue the message before them on their chunk stream', () => {
    const reader = new ChunkReader(100);
    const whole = Buffer.from('04 0003e8 000002 09 01000000 aabb'.replaceAll(' ', ''), 'hex');
    // The same length and type, 40 ms later; then only 33 ms later; then as long after again.
    const shorter = Buffer.from('44 000028 000002 09 ccdd  84 000021 eeff  c4 0102'.replaceAll(' ', ''), 'hex');
    expect(reader.push(Buffer.concat([whole, shorter])).map(({ timestamp }) => timestamp)).toEqual([
      1000, 1040, 1073, 1106,
    ]);
  });

  test('of two chunk streams may be mixed', () => {
    const one = writeChunks(4, { type: 9, streamId: 1, timestamp: 5, payload: Buffer.alloc(200, 1) });
    const other = writeChunks(6, { type: 8, streamId: 1, timestamp: 6, payload: Buffer.alloc(10, 2) });
    const mixed = Buffer.concat([one.subarray(0, 12 + 128), other, one.subarray(12 + 128)]);
    expect(new ChunkReader(1000).push(mixed).map(({ type }) => type)).toEqual([8, 9]);
  });

  test.each([
    ['a message that is too long', '04 000000 ffffff 09 01000000'],
    ['a header that was never given', 'c4 00'],
    ['chunks of no size', '02 000000 000004 01 00000000 00000000'],
    ['a message within another', `04 000000 0000ff 09 01000000 ${'00'.repeat(128)} 04 000000 0000ff 09 01000000`],
  ])('refuse %s', (_what, hex) => {
    const data = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(() => new ChunkReader(1000).push(data)).toThrow(RtmpProtocolError);
  });

  test('refuse more chunk streams than programs use', () => {
    const reader = new ChunkReader(1000);
    const open = (id: number) =>
      reader.push(writeChunks(id, { type: 8, streamId: 1, timestamp: 0, payload: Buffer.of(1) }));
    for (let id = 3; id < 19; id++) open(id);
    expect(() => open(19)).toThrow('too many');
  });
});
