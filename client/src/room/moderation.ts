import type { Request } from '../signaling/signaling.ts';
import type { Moderation } from '../types-moderation.ts';

/** The calls of {@link Moderation}, each one request. */
export function createModeration(request: Request): Moderation {
  return {
    async admit(ids) {
      await request('lobby.admit', { ids: [...ids] });
    },
    async deny(id) {
      await request('lobby.deny', { id });
    },
    async writeToLobby(text, id) {
      await request('lobby.write', { text, ...(id === undefined ? {} : { id }) });
    },
    async mute(memberId, sources = ['microphone']) {
      await request('moderate.mute', { memberId, sources: [...sources] });
    },
    async muteAll(sources = ['microphone']) {
      await request('moderate.mute', { sources: [...sources] });
    },
    async ask(memberId, source) {
      await request('moderate.ask', { memberId, source });
    },
    async remove(memberId, { ban = false } = {}) {
      await request('moderate.remove', { memberId, ban });
    },
    async bans() {
      return (await request('moderate.bans', {})).bans;
    },
    async unban(id) {
      await request('moderate.unban', { id });
    },
    async setRole(memberId, role) {
      await request('member.setRole', { memberId, role });
    },
    async setExceptions(memberId, exceptions) {
      await request('member.setExceptions', { memberId, exceptions });
    },
    async setPolicy(patch) {
      return (await request('room.setPolicy', patch)).policy;
    },
    async endForAll() {
      await request('room.end', {});
    },
    async audit(options = {}) {
      return (await request('room.audit', options)).entries;
    },
  };
}
