import { expect, it } from 'vitest';
import { Gaps } from './gaps.ts';
import { nack, senderReports } from './rtcp.ts';

it('asks for what is missing at once, then a few times more, and not for what has come', () => {
  const gaps = new Gaps();
  expect(gaps.arrived(65534, 0)).toEqual([]);
  expect(gaps.arrived(1, 0)).toEqual([65535, 0]);
  expect(gaps.arrived(2, 10)).toEqual([]);
  expect(gaps.arrived(65535, 35)).toEqual([0]);
  expect([70, 105, 140, 175].map((now, index) => gaps.arrived(3 + index, now))).toEqual([[0], [0], [], []]);
});

it('takes a jump for a new beginning', () => {
  const gaps = new Gaps();
  gaps.arrived(1, 0);
  expect(gaps.arrived(20_000, 0)).toEqual([]);
  expect(gaps.arrived(20_002, 0)).toEqual([20_001]);
});

it('packs a NACK', () => {
  expect(nack(7, [65535, 0, 15, 16]).toString('hex')).toBe('81cd00040000000700000007ffff800100100000');
});

it('reads sender reports out of a compound packet', () => {
  const report = Buffer.alloc(28);
  report.writeUInt32BE(0x80c80006, 0);
  report.writeUInt32BE(7, 4);
  report.writeUInt32BE(2_208_988_800 + 100, 8);
  report.writeUInt32BE(0x8000_0000, 12);
  report.writeUInt32BE(90_000, 16);
  const description = Buffer.from('81ca0002000000070100', 'hex');
  expect(senderReports(Buffer.concat([report, description]))).toEqual([
    { ssrc: 7, capturedAt: 100_500, rtpTimestamp: 90_000 },
  ]);
  expect(senderReports(Buffer.from('80c8', 'hex'))).toEqual([]);
});
