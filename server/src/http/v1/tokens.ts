import { AmphiError, NO_EXCEPTIONS } from '@amphi/protocol';
import type { tokenEndpoints } from '@amphi/protocol/api';
import type { AuditLog, RoomDirectory } from '@amphi/rooms';
import type { TokenIssuer } from '../../identity/passes.ts';
import type { ApiHandlers } from './handlers.ts';

export type TokenHandlerOptions = {
  directory: RoomDirectory;
  passes: TokenIssuer;
  /** The longest life of a token. */
  maxMinutes: number;
  audit: AuditLog;
};

export function tokenHandlers({
  directory,
  passes,
  maxMinutes,
  audit,
}: TokenHandlerOptions): ApiHandlers<typeof tokenEndpoints> {
  return {
    async 'tokens.create'({ params, body }, { caller, origin }) {
      const { user, name, role, exceptions = NO_EXCEPTIONS, seconds } = body;
      const { id: room } = directory.lookup(params.room);
      if (seconds > maxMinutes * 60) {
        throw new AmphiError('bad-request', `a token lasts at most ${maxMinutes * 60} seconds here`, {
          path: 'seconds',
        });
      }
      const identity = user === undefined ? `guest:${crypto.randomUUID()}` : `user:${user}`;
      const at = Date.now();
      const token = await passes.issueFor({ room, role, identity, name, exceptions, kind: 'token' }, seconds);
      const { actor } = caller;
      audit.add({
        roomId: room,
        at,
        actor: actor.identity,
        actorName: actor.name,
        actorRole: actor.role,
        action: 'token.create',
        target: identity,
        targetName: name,
        details: { role, seconds },
      });
      return { token, expiresAt: at + seconds * 1000, identity, url: `${origin}/r/${room}#token=${token}` };
    },
  };
}
