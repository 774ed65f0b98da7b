import type { accessMethods } from '@amphi/protocol';
import { noSuchRoom } from './admission.ts';
import type { Handlers } from './feature.ts';
import type { Session } from './session.ts';

/** What performs the methods of lobby, moderation, roles and policy. Inputs are validated, stage and permission checked. */
export const accessHandlers: Handlers<typeof accessMethods, Session> = {
  'lobby.knock'(session, { name }) {
    const { admission } = session;
    // Who waits already keeps the place in a room that was locked meanwhile, as long as it has a lobby.
    const keepsPlace = session.role === 'waiting' && session.room.policy.lobby;
    if (admission === 'closed' && !keepsPlace) throw noSuchRoom();
    // Who may come in, or needs a password to do so, need not wait.
    if (admission === 'open' || admission === 'password') return { hosts: [] };
    return { hosts: session.room.lobby.knock(session, name) };
  },

  'lobby.admit'(session, { ids }) {
    for (const { id, name } of session.room.lobby.admit(ids)) {
      session.room.book.note(session.actor, 'lobby.admit', { identity: id, name });
    }
    return {};
  },

  'lobby.deny'(session, { id }) {
    for (const { name } of session.room.lobby.deny([id])) {
      session.room.book.note(session.actor, 'lobby.deny', { identity: id, name });
    }
    return {};
  },

  'lobby.write'(session, { id, text }) {
    session.room.lobby.write(session.info().name, text, id);
    return {};
  },

  async 'moderate.mute'(session, { memberId, sources }) {
    await session.room.moderation.mute(session.actor, sources, memberId);
    return {};
  },

  'moderate.ask'(session, { memberId, source }) {
    session.room.moderation.ask(session.actor, memberId, source);
    return {};
  },

  'moderate.remove'(session, { memberId, ban }) {
    session.room.moderation.remove(session.actor, memberId, ban);
    return {};
  },

  'moderate.bans': (session) => ({ bans: session.governor.bans() }),

  'moderate.unban'(session, { id }) {
    session.governor.unban(session.actor, id);
    return {};
  },

  'member.setRole'(session, { memberId, role }) {
    session.room.moderation.setRole(session.actor, memberId, role);
    return {};
  },

  'member.setExceptions'(session, { memberId, exceptions }) {
    session.room.moderation.setExceptions(session.actor, memberId, exceptions);
    return {};
  },

  async 'room.setPolicy'(session, patch) {
    return { policy: await session.governor.setPolicy(session.actor, patch) };
  },

  'room.end'(session) {
    session.room.book.note(session.actor, 'room.end');
    // The answer goes out before the session that asked ends with the others.
    session.afterAnswer(() => session.room.close());
    return {};
  },

  'room.audit': (session, { before, limit }) => ({ entries: session.governor.audit({ before, limit }) }),
};
