import { createCall } from '@amphi/client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Room, Server } from './server.ts';

/** Has the event of a room begin, by a host without a browser who leaves again. */
export async function goLive(server: Server, room: Room): Promise<void> {
  const host = createCall({
    ...{ room: room.id, server: server.origin, hostKey: room.hostPath.split('host=')[1] ?? '' },
    ...{ direct: false, handlerFactory: FakeHandler.createFactory(fakeParameters) },
  });
  await host.join({ name: 'Host' });
  await host.request('live.prepare', { title: 'Launch day' });
  await host.request('live.start', {});
  await host.leave();
}

/** Waits until the stream of a room can be had, and answers where the playlists of its renditions are. */
export async function streamOf(server: Server, room: Room): Promise<string> {
  const index = `${server.origin}/live/${room.id}/index.m3u8`;
  const until = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(index);
    const [, base] = /^(.*)\/v0\.m3u8$/m.exec(await response.text()) ?? [];
    if (response.ok && base !== undefined) return `${server.origin}/live/${room.id}/${base}`;
    if (Date.now() > until) throw new Error(`There is no stream: ${response.status}`);
    await sleep(200);
  }
}
