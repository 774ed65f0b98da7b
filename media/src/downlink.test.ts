import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DRAIN_MS } from './bandwidth.ts';
import { Downlink } from './downlink.ts';
import type { RoomConsumer } from './room-consumer.ts';

/** As much of a transport as the downlink uses; `sending` is what it says to send, in bits per second. */
class FakeTransport extends EventEmitter {
  readonly observer = new EventEmitter();
  readonly ceilings: number[] = [];
  closed = false;
  sending = 0;
  enableTraceEvent = (): Promise<void> => Promise.resolve();
  getStats = (): Promise<{ sendBitrate: number }[]> => Promise.resolve([{ sendBitrate: this.sending }]);
  setMinOutgoingBitrate = (): Promise<void> => Promise.resolve();
  setMaxOutgoingBitrate = (bitrate: number): Promise<void> => {
    this.ceilings.push(bitrate);
    return Promise.resolve();
  };

  async estimates(availableBitrate: number): Promise<void> {
    this.emit('trace', { type: 'bwe', info: { availableBitrate } });
    await vi.advanceTimersByTimeAsync(0);
  }
}

function fakeConsumer(source: string) {
  const state = { held: false, limit: undefined as number | undefined };
  const consumer = {
    id: source,
    wanted: true,
    priority: 100,
    source: { source },
    hold: (held: boolean) => Promise.resolve(void (state.held = held)),
    limit: (limit: number | undefined) => Promise.resolve(void (state.limit = limit)),
  };
  return { state, consumer: consumer as unknown as RoomConsumer };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const transport = new FakeTransport();
  const [microphone, camera, screen] = ['microphone', 'camera', 'screen'].map(fakeConsumer) as [
    ReturnType<typeof fakeConsumer>,
    ReturnType<typeof fakeConsumer>,
    ReturnType<typeof fakeConsumer>,
  ];
  const consumers = new Map([microphone, camera, screen].map(({ consumer }) => [consumer.id, consumer]));
  new Downlink(transport as unknown as types.WebRtcTransport, consumers).start();
  return { transport, microphone: microphone.state, camera: camera.state, screen: screen.state };
}

it('stops the videos of a link that was cut, never the sound, and lets the screen go on small', async () => {
  const { transport, microphone, camera, screen } = setUp();
  transport.sending = 400_000;
  await transport.estimates(1_500_000);
  expect(screen).toEqual({ held: false, limit: undefined });
  await transport.estimates(250_000);
  expect({ microphone, camera, screen }).toEqual({
    microphone: { held: false, limit: undefined },
    camera: { held: true, limit: undefined },
    screen: { held: true, limit: 0 },
  });
  expect(transport.ceilings).toEqual([150_000]);
  await vi.advanceTimersByTimeAsync(DRAIN_MS - 100);
  expect(screen.held).toBe(true);
  // Without another word of the worker.
  await vi.advanceTimersByTimeAsync(200);
  expect(screen).toEqual({ held: false, limit: 0 });
  expect(camera.held).toBe(true);
});

it('does nothing any more for a transport that is closed', async () => {
  const { transport, screen } = setUp();
  transport.sending = 400_000;
  await transport.estimates(1_500_000);
  await transport.estimates(250_000);
  transport.closed = true;
  transport.observer.emit('close');
  await vi.advanceTimersByTimeAsync(2 * DRAIN_MS);
  expect(screen.held).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
