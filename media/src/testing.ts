// Helpers of this package's own tests.
import type { RoomMediaEvents } from '@amphi/rooms';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMediaPlane } from './plane.ts';
import type { AmphiMediaPlane } from './plane.ts';
import type { MediaPlaneOptions } from './options.ts';

export function planeOptions(options: Partial<MediaPlaneOptions> = {}): MediaPlaneOptions {
  const silent = (): void => {};
  return {
    workers: 2,
    listenIp: '127.0.0.1',
    announcedAddresses: [],
    basePort: randomInt(20_000, 30_000),
    codecs: ['vp8', 'h264'],
    membersPerRouter: 100,
    initialOutgoingBitrate: 1_000_000,
    maxIncomingBitrate: 5_000_000,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    ...options,
  };
}

export function startPlane(options: Partial<MediaPlaneOptions> = {}): Promise<AmphiMediaPlane> {
  return createMediaPlane(planeOptions(options));
}

type Recorded = { [K in keyof RoomMediaEvents]: Parameters<RoomMediaEvents[K]>[] };

/** Events that only remember what was called. */
export function recordEvents(): RoomMediaEvents & { calls: Recorded } {
  const calls: Recorded = {
    consumerClosed: [],
    consumerLayers: [],
    demand: [],
    speakers: [],
    alive: [],
    flooded: [],
    moved: [],
  };
  return {
    calls,
    consumerClosed: (...args) => void calls.consumerClosed.push(args),
    consumerLayers: (...args) => void calls.consumerLayers.push(args),
    demand: (...args) => void calls.demand.push(args),
    speakers: (...args) => void calls.speakers.push(args),
    alive: (...args) => void calls.alive.push(args),
    flooded: (...args) => void calls.flooded.push(args),
    moved: (...args) => void calls.moved.push(args),
  };
}

/** Waits until `condition` holds; throws after `timeoutMs`. Answers how long it took in ms. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 5000): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > timeoutMs)
      throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await sleep(5);
  }
  return performance.now() - startedAt;
}
