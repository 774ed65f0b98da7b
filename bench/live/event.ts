import { goLive } from '../../e2e/harness/live-event.ts';
import { type Room, Server } from '../../e2e/harness/server.ts';

const ENV = {
  AMPHI_LIMITS_CONNECTIONS_PER_MINUTE: '1000',
  AMPHI_LIMITS_REQUESTS_PER_MINUTE: '1000',
  AMPHI_LIVE_TRANSCODE_CORES: '2',
};

/** A server of its own with a room whose event is live. */
export type Event = { server: Server; room: Room; close(): Promise<void> };

export async function startEvent(env: Record<string, string> = {}): Promise<Event> {
  const server = await Server.start({ env: { ...ENV, ...env } });
  const room = await server.createRoom();
  await goLive(server, room);
  return { server, room, close: () => server.stop() };
}
