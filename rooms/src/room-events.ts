import type { RoomMediaEvents } from './media.ts';
import type { Room } from './room.ts';

/** What a room does with the news of its media; before the room is there nothing. */
export function mediaEvents(room: () => Room | undefined): RoomMediaEvents {
  return {
    consumerClosed: (memberId, consumerId) => room()?.tracks.consumerClosed(memberId, consumerId),
    consumerLayers: (memberId, consumerId, current) =>
      room()?.person(memberId)?.deliver({ name: 'consumer.layers', data: { consumerId, current } }),
    demand: (memberId, producerId, maxSpatialLayer) =>
      room()?.person(memberId)?.deliver({ name: 'producer.demand', data: { producerId, maxSpatialLayer } }),
    speakers: (dominantId, levels) => room()?.broadcast({ name: 'room.speakers', data: { dominantId, levels } }),
    alive: (memberId, alive) => room()?.person(memberId)?.mediaAlive(alive),
    flooded: (memberId) => room()?.person(memberId)?.end('protocol-abuse'),
    moved: (memberIds) => void room()?.tracks.moved(memberIds),
  };
}
