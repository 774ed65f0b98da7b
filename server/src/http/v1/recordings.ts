import type { Library } from '@amphi/egress';
import { AmphiError } from '@amphi/protocol';
import type { recordingEndpoints } from '@amphi/protocol/api';
import type { AuditLog, RoomDirectory } from '@amphi/rooms';
import type { Caller } from '../../keys/keys.ts';
import type { Shares } from '../../recordings/shares.ts';
import type { ApiHandlers } from './handlers.ts';

export type RecordingHandlerOptions = { directory: RoomDirectory; library: Library; shares: Shares; audit: AuditLog };

export function recordingHandlers(options: RecordingHandlerOptions): ApiHandlers<typeof recordingEndpoints> {
  const { directory, library, shares, audit } = options;

  function note({ actor }: Caller, roomId: string, action: string, details: Record<string, unknown>): void {
    const { identity, name, role } = actor;
    audit.add({ roomId, at: Date.now(), actor: identity, actorName: name, actorRole: role, action, details });
  }

  /** @throws AmphiError `room-not-found`, `not-found` */
  async function known({ room, recording }: { room: string; recording: string }) {
    return library.get(directory.lookup(room).id, recording);
  }

  return {
    async 'recordings.list'({ params, query: { after, limit } }) {
      const all = await library.list(directory.lookup(params.room).id);
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      if (after !== undefined && from === 0)
        throw new AmphiError('bad-request', 'there is no such page', { path: 'after' });
      const recordings = all.slice(from, from + limit);
      return { recordings, ...(all.length > from + limit ? { next: recordings.at(-1)?.id } : {}) };
    },

    'recordings.get': ({ params }) => known(params),

    async 'recordings.delete'({ params }, { caller }) {
      const { startedAt } = await known(params);
      await library.remove(params.room, params.recording);
      note(caller, params.room, 'recording.remove', { recording: params.recording, startedAt });
    },

    async 'recordings.film'({ params, body }) {
      await known(params);
      await library.film(params.room, params.recording, body);
    },

    async 'recordings.link'({ params, body }, { origin }) {
      await known(params);
      const { path, expiresAt } = await library.link(params.room, params.recording, body.file);
      return { url: origin + path, expiresAt };
    },

    async 'shares.create'({ params, body }, { caller, origin }) {
      const { state } = await known(params);
      if (state === 'recording') throw new AmphiError('wrong-state', 'the recording is under way: stop it first');
      const { share, secret } = await shares.create({
        ...{ ...body, recordingId: params.recording, by: caller.actor.name },
      });
      const { days, tracks } = body;
      note(caller, params.room, 'recording.share', { recording: params.recording, share: share.id, days, tracks });
      return { ...share, url: `${origin}/s/${share.id}#${secret}` };
    },

    async 'shares.list'({ params }) {
      await known(params);
      return { shares: shares.list(params.recording) };
    },

    async 'shares.revoke'({ params }, { caller }) {
      await known(params);
      shares.revoke(params.recording, params.share);
      note(caller, params.room, 'recording.unshare', { recording: params.recording, share: params.share });
    },
  };
}
