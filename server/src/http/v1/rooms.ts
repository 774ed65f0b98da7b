import type { Library } from '@amphi/egress';
import type { ApiRoom, roomEndpoints } from '@amphi/protocol/api';
import type { RoomDirectory, RoomRecord } from '@amphi/rooms';
import type { ApiHandlers } from './handlers.ts';

export function roomHandlers(
  directory: RoomDirectory,
  library: Pick<Library, 'removeAll'>,
): ApiHandlers<typeof roomEndpoints> {
  function shown({ id, policy, createdAt, usedAt }: RoomRecord, origin: string): ApiRoom {
    const room = directory.liveRoom(id);
    const live = room ? { members: room.size, waiting: room.lobby.people.length } : null;
    return { id, url: `${origin}/r/${id}`, policy, createdAt, usedAt, live };
  }

  return {
    async 'rooms.create'({ body }, { caller, origin }) {
      const { record, hostKey } = await directory.create({ ...body, actor: caller.actor });
      const room = shown(record, origin);
      return { ...room, hostKey, hostUrl: `${room.url}#host=${hostKey}` };
    },

    'rooms.list'({ query: { after, limit } }, { origin }) {
      const records = directory.list({ after, limit: limit + 1 });
      const rooms = records.slice(0, limit).map((record) => shown(record, origin));
      return { rooms, ...(records.length > limit ? { next: rooms.at(-1)?.id } : {}) };
    },

    'rooms.get': ({ params }, { origin }) => shown(directory.lookup(params.room), origin),

    async 'rooms.update'({ params, body }, { caller, origin }) {
      await directory.governor(params.room).setPolicy(caller.actor, body.policy);
      return shown(directory.lookup(params.room), origin);
    },

    'rooms.end'({ params }, { caller }) {
      directory.lookup(params.room);
      const room = directory.liveRoom(params.room);
      if (!room) return;
      room.book.note(caller.actor, 'room.end');
      room.close();
    },

    async 'rooms.delete'({ params }, { caller }) {
      directory.lookup(params.room);
      // One that is under way ends with the room, and is deleted then.
      await library.removeAll(params.room);
      directory.remove(params.room, caller.actor);
    },
  };
}
