import type { types } from 'mediasoup';
import { expect, test } from 'vitest';
import { readTraffic, summarize } from './traffic.ts';

const census = { roomId: 'r', producers: ['camera', 'microphone', 'camera'] as const, consumers: ['screen'] as const };
const room = { roomId: 'r', producers: [...census.producers], consumers: [...census.consumers] };

test('loss is weighted by what each transport carries', () => {
  const figures = summarize(room, [
    { protocol: 'udp', received: 900, sent: 0, lossIn: 0.1, lossOut: 0.5 },
    { protocol: 'tcp', received: 100, sent: 50, lossIn: 0, lossOut: 0.2 },
  ]);
  expect(figures).toMatchObject({ received: 1000, sent: 50, transports: { udp: 1, tcp: 1, none: 0 } });
  expect(figures.lossReceived).toBeCloseTo(0.09);
  expect(figures.lossSent).toBeCloseTo(0.2);
  expect(figures.producers).toEqual({ camera: 2, microphone: 1, screen: 0, 'screen-audio': 0 });
  expect(figures.consumers.screen).toBe(1);
});

test('an empty room has figures, not NaN', () => {
  expect(summarize(room, [])).toMatchObject({ received: 0, sent: 0, lossReceived: 0, lossSent: 0 });
});

test('a transport that closes while it is asked is passed over, and never are too many asked at once', async () => {
  let asked = 0;
  let most = 0;
  const transport = (fails: boolean) =>
    ({
      async getStats() {
        most = Math.max(most, ++asked);
        await Promise.resolve();
        asked -= 1;
        if (fails) throw new Error('closed');
        return [{ recvBitrate: 10, sendBitrate: 1, iceSelectedTuple: { protocol: 'udp' } }];
      },
    }) as unknown as types.WebRtcTransport;
  const transports = Array.from({ length: 100 }, (_, index) => transport(index % 2 === 1));
  const [figures] = await readTraffic([{ ...room, transports }]);
  expect(figures).toMatchObject({ received: 500, sent: 50, transports: { udp: 50 } });
  expect(most).toBeLessThanOrEqual(32);
});
