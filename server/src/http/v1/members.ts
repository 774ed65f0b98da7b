import { AmphiError } from '@amphi/protocol';
import type { ApiMember, memberEndpoints } from '@amphi/protocol/api';
import type { Member, Room, RoomDirectory } from '@amphi/rooms';
import type { ApiHandlers } from './handlers.ts';

export function memberHandlers(directory: RoomDirectory): ApiHandlers<typeof memberEndpoints> {
  /** The room of a member. @throws AmphiError `room-not-found`, `not-found` when nobody is in it */
  function roomOf(id: string): Room {
    directory.lookup(id);
    const room = directory.liveRoom(id);
    if (!room) throw noSuchMember();
    return room;
  }

  return {
    'members.list'({ params }) {
      directory.lookup(params.room);
      const room = directory.liveRoom(params.room);
      return {
        members: room
          ? room
              .members()
              .filter(({ unseen }) => !unseen)
              .map((member) => shown(room, member))
          : [],
      };
    },

    'members.update'({ params, body }, { caller }) {
      const room = roomOf(params.room);
      const { moderation } = room;
      if (body.role !== undefined) moderation.setRole(caller.actor, params.member, body.role);
      if (body.exceptions !== undefined) moderation.setExceptions(caller.actor, params.member, body.exceptions);
      const member = room.members().find(({ id }) => id === params.member);
      if (!member) throw noSuchMember();
      return shown(room, member);
    },

    async 'members.mute'({ params, body }, { caller }) {
      await roomOf(params.room).moderation.mute(caller.actor, body.sources, params.member);
    },

    'members.remove'({ params, query }, { caller }) {
      roomOf(params.room).moderation.remove(caller.actor, params.member, query.ban);
    },

    'bans.list': ({ params }) => ({ bans: directory.governor(params.room).bans() }),

    'bans.create': ({ params, body: { identity, name = identity } }, { caller }) =>
      directory.governor(params.room).ban(caller.actor, { identity, name: name.slice(0, 64) }),

    'bans.delete': ({ params }, { caller }) => directory.governor(params.room).unban(caller.actor, params.ban),
  };
}

function shown(room: Room, member: Member): ApiMember {
  const { id, name, role, joinedAt, presence } = member.info();
  const { identity, exceptions } = member;
  const producers = room.tracks.of(id).map(({ source, muted }) => ({ source, muted }));
  return { id, name, role, joinedAt, presence, identity, exceptions, producers };
}

function noSuchMember(): AmphiError {
  return new AmphiError('not-found', 'there is no such member in this room', { path: 'member' });
}
