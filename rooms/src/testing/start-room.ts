import { randomUUID } from 'node:crypto';
import { type CoreMethods, type ParsedInputOf, roomPolicy, type Snapshot } from '@amphi/protocol';
import type { ServerFeature } from '../feature.ts';
import { createRoom, type Room } from '../room.ts';
import { FakeClock } from './fake-clock.ts';
import { FakePlane, type FakeRoomMedia } from './fake-media.ts';
import { FakeMember } from './fake-member.ts';
import { quietLogger } from './quiet-logger.ts';

type Track = ParsedInputOf<CoreMethods, 'producer.create'>;
export type Joined = { member: FakeMember; snapshot: Omit<Snapshot, 'self'>; send: string };

/** A room for three over fake media, without direct connections. */
export async function startRoom(features: readonly ServerFeature[] = []) {
  const clock = new FakeClock();
  const logger = quietLogger();
  const plane = new FakePlane();
  const policy = roomPolicy.parse({ direct: false, capacity: 3 });
  const room: Room = await createRoom({ id: 'lab', policy, plane, features, logger, clock });
  const media: FakeRoomMedia = plane.room('lab');

  /** Joins somebody, and answers the send transport's id with the snapshot. */
  async function join(id: string): Promise<Joined> {
    const member = new FakeMember(id);
    room.enter(member);
    const { snapshot, transports } = await room.join(member, { codecs: [] });
    return { member, snapshot, send: transports?.send.id ?? '' };
  }

  /** Joins somebody with a camera. */
  async function joinWithCamera(id: string): Promise<Joined & { input: Track; producerId: string }> {
    const joined = await join(id);
    const input = camera(joined.send);
    await room.tracks.create(id, input);
    return { ...joined, input, producerId: input.producerId };
  }

  return { clock, logger, media, room, join, joinWithCamera };
}

/** A camera, as `producer.create` takes it. */
export function camera(transportId: string, producerId: string = randomUUID()): Track {
  return { transportId, producerId, source: 'camera', kind: 'video', rtpParameters: { codecs: [] }, muted: false };
}

/** Lets promises and callbacks run. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}
