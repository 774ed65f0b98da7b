import { createHash, randomBytes } from 'node:crypto';
import { AmphiError } from '@amphi/protocol';
import type { ApiDelivery, ApiWebhook, WebhookEventName, WebhookEvents } from '@amphi/protocol/api';
import { type Clock, type Logger, type ObservedMember, type RoomObserver, systemClock } from '@amphi/rooms';
import { newId } from '../new-id.ts';
import { type Outbound, TargetRefused } from '../net/outbound.ts';
import type { WebhookRecord, WebhookTables } from '../store/webhooks.ts';
import { createDeliverer } from './deliverer.ts';
import type { Retry } from './retry.ts';
import { newWebhookSecret } from './signature.ts';

/** A webhook of the configuration. */
export type ConfiguredWebhook = { url: string; secret: string; events: WebhookEventName[] };

export type WebhooksOptions = {
  tables: WebhookTables;
  outbound: Outbound;
  configured: readonly ConfiguredWebhook[];
  logger: Logger;
  clock?: Clock;
  retry?: Retry;
};

type Change = {
  url?: string | undefined;
  events?: WebhookEventName[] | undefined;
  description?: string | undefined;
  enabled?: boolean | undefined;
};

/** Who is told of what happens, and the telling. */
export interface Webhooks {
  /** What rooms tell. */
  readonly observer: RoomObserver;
  /** Tells all who want to know. Never throws. */
  emit<K extends WebhookEventName>(event: K, data: WebhookEvents[K]): void;
  /** Rejects with `bad-request` for an address that is not posted to, `wrong-state` when there are too many. */
  create(options: {
    url: string;
    events: WebhookEventName[];
    description?: string | undefined;
  }): Promise<ApiWebhook & { secret: string }>;
  list(): ApiWebhook[];
  /** Rejects with `not-found`, `bad-request`, and with `wrong-state` for one of the configuration. */
  update(id: string, change: Change): Promise<ApiWebhook>;
  remove(id: string): void;
  /** Posts a `webhook.test` to this one. */
  test(id: string): void;
  deliveries(id: string): ApiDelivery[];
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_WEBHOOKS = 50;
/** More than these do not wait for one webhook: what comes then is dropped. */
const MAX_PENDING = 10_000;
/** How long what is done with can be looked at. */
const KEEP_MS = 7 * DAY_MS;

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { tables, outbound, logger } = options;
  const clock = options.clock ?? systemClock;
  const deliverer = createDeliverer(options);
  takeConfigured(tables, options.configured, clock.now());
  let cancelPrune = clock.after(0, prune);

  function prune(): void {
    tables.prune(clock.now() - KEEP_MS);
    cancelPrune = clock.after(DAY_MS, prune);
  }

  function enqueue<K extends WebhookEventName>(webhooks: readonly WebhookRecord[], event: K, data: WebhookEvents[K]) {
    const at = clock.now();
    const body = JSON.stringify({ type: event, timestamp: new Date(at).toISOString(), data });
    for (const { id: webhookId } of webhooks) {
      if (tables.pending(webhookId) >= MAX_PENDING) {
        logger.warn({ webhookId, event }, 'an event is not told: too many wait for this webhook');
        continue;
      }
      tables.enqueue({ id: `msg_${randomBytes(15).toString('base64url')}`, webhookId, event, body, at });
    }
    deliverer.wake();
  }

  function emit<K extends WebhookEventName>(event: K, data: WebhookEvents[K]): void {
    try {
      const listening = tables.list().filter(({ enabled, events }) => enabled && events.includes(event));
      if (listening.length > 0) enqueue(listening, event, data);
    } catch (error) {
      // A full disk is no reason to end a call.
      logger.error({ err: error, event }, 'an event could not be told');
    }
  }

  function find(id: string): WebhookRecord {
    const webhook = tables.get(id);
    if (!webhook) throw new AmphiError('not-found', 'there is no such webhook');
    return webhook;
  }

  function findOwn(id: string): WebhookRecord {
    const webhook = find(id);
    if (webhook.configured)
      throw new AmphiError('wrong-state', 'this webhook is in the configuration: change it there');
    return webhook;
  }

  async function checkUrl(url: string): Promise<void> {
    try {
      await outbound.check(url);
    } catch (error) {
      if (!(error instanceof TargetRefused)) throw error;
      throw new AmphiError('bad-request', error.message, { path: 'url' });
    }
  }

  const shown = ({ configured, ...webhook }: WebhookRecord): ApiWebhook => {
    const { id, url, events, description, enabled, createdAt, failingSince } = webhook;
    const pending = tables.pending(id);
    return { id, url, events, description, enabled, isConfigured: configured, createdAt, failingSince, pending };
  };

  deliverer.wake();
  return {
    emit,

    observer: {
      opened: (room) => emit('room.opened', { room }),
      closed: (room) => emit('room.closed', { room }),
      joined: (room, member) => emit('member.joined', { room, member: toldOf(member) }),
      left: (room, member, reason) => emit('member.left', { room, member: toldOf(member), reason }),
    },

    async create({ url, events, description = '' }) {
      await checkUrl(url);
      if (tables.list().length >= MAX_WEBHOOKS) {
        throw new AmphiError('wrong-state', `there are ${MAX_WEBHOOKS} webhooks, which is all there may be`);
      }
      const webhook: WebhookRecord = {
        id: newId(),
        url,
        secret: newWebhookSecret(),
        events: [...new Set(events)],
        description,
        enabled: true,
        configured: false,
        createdAt: clock.now(),
        failingSince: null,
      };
      tables.insert(webhook);
      return { ...shown(webhook), secret: webhook.secret };
    },

    list: () => tables.list().map(shown),

    async update(id, { url, events, description, enabled }) {
      findOwn(id);
      if (url !== undefined) await checkUrl(url);
      const before = findOwn(id);
      const isAnew = enabled === true && !before.enabled;
      const webhook: WebhookRecord = {
        ...before,
        url: url ?? before.url,
        events: events ? [...new Set(events)] : before.events,
        description: description ?? before.description,
        enabled: enabled ?? before.enabled,
        failingSince: isAnew ? null : before.failingSince,
      };
      tables.update(webhook);
      deliverer.wake();
      return shown(webhook);
    },

    remove(id) {
      findOwn(id);
      tables.delete(id);
    },

    test(id) {
      const webhook = find(id);
      if (!webhook.enabled) throw new AmphiError('wrong-state', 'this webhook is disabled');
      enqueue([webhook], 'webhook.test', { webhook: id });
    },

    deliveries: (id) => tables.recent(find(id).id, 100),

    async close() {
      cancelPrune();
      await deliverer.close();
    },
  };
}

function toldOf({ id, name, role, joinedAt, identity }: ObservedMember): WebhookEvents['member.joined']['member'] {
  return { id, name, role, joinedAt, identity };
}

/** Brings those of the configuration up to date; each is known by its address, so that what waits for it stays. */
function takeConfigured(tables: WebhookTables, configured: readonly ConfiguredWebhook[], now: number): void {
  const wanted = new Map(configured.map((webhook) => [idOf(webhook.url), webhook]));
  for (const { id } of tables.list().filter((webhook) => webhook.configured)) {
    if (!wanted.has(id)) tables.delete(id);
  }
  for (const [id, { url, secret, events }] of wanted) {
    const known = tables.get(id);
    // A restart is how one that was disabled is tried again.
    const facts = { id, url, secret, events, description: '', enabled: true, configured: true, failingSince: null };
    if (known) tables.update({ ...known, ...facts });
    else tables.insert({ ...facts, createdAt: now });
  }
}

function idOf(url: string): string {
  return `config-${createHash('sha256').update(url).digest('base64url').slice(0, 12)}`;
}
