import type { keyEndpoints, webhookEndpoints } from '@amphi/protocol/api';
import type { Actor, AuditLog } from '@amphi/rooms';
import type { ApiKeys } from '../../keys/keys.ts';
import type { Webhooks } from '../../webhooks/webhooks.ts';
import type { ApiHandlers } from './handlers.ts';

/** Writes down what concerns no room. */
function note(audit: AuditLog, actor: Actor, action: string, target: string, details: Record<string, unknown>): void {
  const { identity, name, role } = actor;
  audit.add({ roomId: '', at: Date.now(), actor: identity, actorName: name, actorRole: role, action, target, details });
}

export function keyHandlers(keys: ApiKeys, audit: AuditLog): ApiHandlers<typeof keyEndpoints> {
  return {
    'keys.create'({ body }, { caller }) {
      const made = keys.create(caller, body);
      const { name, scopes, expiresAt } = made;
      note(audit, caller.actor, 'key.create', `key:${made.id}`, { name, scopes, expiresAt });
      return made;
    },

    'keys.list': () => ({ keys: keys.list() }),

    'keys.revoke'({ params }, { caller }) {
      const name = keys.revoke(params.key);
      note(audit, caller.actor, 'key.revoke', `key:${params.key}`, { name });
    },
  };
}

export function webhookHandlers(webhooks: Webhooks, audit: AuditLog): ApiHandlers<typeof webhookEndpoints> {
  return {
    async 'webhooks.create'({ body }, { caller }) {
      const made = await webhooks.create(body);
      note(audit, caller.actor, 'webhook.create', made.id, { url: made.url, events: made.events });
      return made;
    },

    'webhooks.list': () => ({ webhooks: webhooks.list() }),

    async 'webhooks.update'({ params, body }, { caller }) {
      const changed = await webhooks.update(params.webhook, body);
      note(audit, caller.actor, 'webhook.update', changed.id, body);
      return changed;
    },

    'webhooks.delete'({ params }, { caller }) {
      webhooks.remove(params.webhook);
      note(audit, caller.actor, 'webhook.delete', params.webhook, {});
    },

    'webhooks.test': ({ params }) => webhooks.test(params.webhook),

    'webhooks.deliveries': ({ params }) => ({ deliveries: webhooks.deliveries(params.webhook) }),
  };
}
