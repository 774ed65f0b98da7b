import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RtpPacket } from './packet.ts';
import { ReorderBuffer } from './reorder.ts';
import { Unwrapper } from './unwrap.ts';

const packet = (sequence: number): RtpPacket => ({
  sequence: sequence & 0xffff,
  payloadType: 96,
  marker: false,
  timestamp: 0,
  ssrc: 1,
  payload: Buffer.alloc(0),
});

/** What comes out, as `sequence` or `sequence(-missing)`. */
const show = (out: ReturnType<ReorderBuffer['push']>) =>
  out.map(({ packet: { sequence }, missing }) => (missing === 0 ? `${sequence}` : `${sequence}(-${missing})`));

test('packets in order pass at once, over the wrap of sequence numbers too', () => {
  const order = new ReorderBuffer();
  expect([65534, 65535, 65536, 65537].flatMap((sequence) => show(order.push(packet(sequence), 0)))).toEqual([
    '65534',
    '65535',
    '0',
    '1',
  ]);
});

test('a repair that comes in time is put in its place', () => {
  const order = new ReorderBuffer({ waitMs: 100 });
  order.push(packet(65534), 0);
  expect(show(order.push(packet(65536), 10))).toEqual([]);
  expect(show(order.push(packet(65537), 20))).toEqual([]);
  expect(show(order.push(packet(65535), 90))).toEqual(['65535', '0', '1']);
});

test('what does not come is missing after a while, and is left out when it comes then', () => {
  const order = new ReorderBuffer({ waitMs: 100 });
  order.push(packet(1), 0);
  order.push(packet(4), 10);
  expect(show(order.push(packet(5), 110))).toEqual(['4(-2)', '5']);
  expect(show(order.push(packet(2), 111))).toEqual([]);
  expect(show(order.push(packet(5), 112))).toEqual([]);
  expect(show(order.push(packet(6), 113))).toEqual(['6']);
});

test('no more is held than there may be', () => {
  const order = new ReorderBuffer({ maxHeld: 2 });
  order.push(packet(1), 0);
  order.push(packet(3), 0);
  order.push(packet(4), 0);
  expect(show(order.push(packet(5), 0))).toEqual(['3(-1)', '4', '5']);
});

test('flush() gives out what is held', () => {
  const order = new ReorderBuffer();
  order.push(packet(1), 0);
  order.push(packet(3), 0);
  order.push(packet(6), 0);
  expect(show(order.flush())).toEqual(['3(-1)', '6(-2)']);
});

test('whatever is lost, doubled and turned around within the wait, the rest comes out once and in order', () => {
  const arrivals = fc
    .array(fc.record({ shift: fc.nat(20), lost: fc.boolean(), doubled: fc.boolean() }), { maxLength: 200 })
    .map((fates) => {
      const sent = fates.flatMap(({ shift, lost, doubled }, index) => {
        const sequence = 65_500 + index;
        // The first one arrives first: nothing tells that there was anything before it.
        if (index === 0) return [{ sequence, at: 0 }];
        if (lost) return [];
        const arrival = { sequence, at: index + shift };
        return doubled ? [arrival, { ...arrival, at: arrival.at + 5 }] : [arrival];
      });
      return sent.toSorted((a, b) => a.at - b.at);
    });
  fc.assert(
    fc.property(arrivals, (list) => {
      const order = new ReorderBuffer({ waitMs: 1000 });
      const out = list.flatMap(({ sequence, at }) => order.push(packet(sequence), at)).concat(order.flush());
      const expected = [...new Set(list.map(({ sequence }) => sequence))].toSorted((a, b) => a - b);
      expect(out.map((entry) => entry.packet.sequence)).toEqual(expected.map((sequence) => sequence & 0xffff));
      const missing = out.reduce((sum, entry) => sum + entry.missing, 0);
      expect(missing).toBe(
        (expected.at(-1) ?? 0) - (expected[0] ?? 0) + (expected.length > 0 ? 1 : 0) - expected.length,
      );
    }),
  );
});

test('timestamps grow over their wrap, and older ones are recognised as such', () => {
  const timestamps = new Unwrapper(32);
  expect(timestamps.unwrap(0xffff_fff0)).toBe(0xffff_fff0);
  expect(timestamps.unwrap(0x10)).toBe(2 ** 32 + 0x10);
  expect(timestamps.unwrap(0xffff_ffff)).toBe(0xffff_ffff);
  expect(timestamps.peek(0x20)).toBe(2 ** 32 + 0x20);
});
