import type { DatabaseSync } from 'node:sqlite';
import type { ApiDelivery, WebhookEventName } from '@amphi/protocol/api';

/** Where events are posted to. */
export type WebhookRecord = {
  id: string;
  url: string;
  /** `whsec_…`; kept as it is, since messages are signed with it. */
  secret: string;
  events: WebhookEventName[];
  description: string;
  enabled: boolean;
  /** Whether it comes from the configuration. */
  configured: boolean;
  createdAt: number;
  failingSince: number | null;
};

/** One message to one webhook. */
export type DeliveryRecord = {
  number: number;
  id: string;
  webhookId: string;
  event: string;
  body: string;
  createdAt: number;
  attempts: number;
};

export interface WebhookTables {
  insert(webhook: WebhookRecord): void;
  get(id: string): WebhookRecord | undefined;
  list(): WebhookRecord[];
  /** Changes all but id, secret of origin and time of making. */
  update(webhook: WebhookRecord): void;
  /** Deletes a webhook with its messages. */
  delete(id: string): void;
  setFailingSince(id: string, at: number | null): void;

  enqueue(delivery: { id: string; webhookId: string; event: string; body: string; at: number }): void;
  pending(webhookId: string): number;
  /** The oldest message of a webhook whose time has come. */
  due(webhookId: string, now: number): DeliveryRecord | undefined;
  /** When the next message of an enabled webhook is due. */
  nextDue(): number | undefined;
  delivered(number: number, status: number): void;
  /** Not delivered this time; `nextAt` null: never. */
  missed(number: number, result: { nextAt: number | null; status: number | null; error: string }): void;
  /** Gives up all that waits for a webhook. */
  abandon(webhookId: string, error: string): void;
  recent(webhookId: string, limit: number): ApiDelivery[];
  /** Deletes what is done with and older than a time. */
  prune(before: number): void;
}

export function createWebhookTables(db: DatabaseSync): WebhookTables {
  const columns = 'id, url, secret, events, description, enabled, configured, created_at, failing_since';
  const insert = db.prepare(`INSERT INTO webhooks (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const get = db.prepare(`SELECT ${columns} FROM webhooks WHERE id = ?`);
  const all = db.prepare(`SELECT ${columns} FROM webhooks ORDER BY created_at, id`);
  const update = db.prepare(
    'UPDATE webhooks SET url = ?, secret = ?, events = ?, description = ?, enabled = ?, failing_since = ? WHERE id = ?',
  );
  const remove = db.prepare('DELETE FROM webhooks WHERE id = ?');
  const failing = db.prepare('UPDATE webhooks SET failing_since = ? WHERE id = ?');
  const enqueue = db.prepare(
    `INSERT INTO deliveries (id, webhook_id, event, body, created_at, state, attempts, next_at)
     VALUES (?, ?, ?, ?, ?, 'pending', 0, ?)`,
  );
  const pending = db.prepare(`SELECT count(*) AS n FROM deliveries WHERE webhook_id = ? AND state = 'pending'`);
  const due = db.prepare(
    `SELECT * FROM deliveries WHERE webhook_id = ? AND state = 'pending' AND next_at <= ? ORDER BY number LIMIT 1`,
  );
  const next = db.prepare(
    `SELECT min(next_at) AS at FROM deliveries JOIN webhooks ON webhooks.id = webhook_id
     WHERE state = 'pending' AND enabled = 1`,
  );
  const delivered = db.prepare(
    `UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, next_at = NULL, status = ?, error = NULL
     WHERE number = ?`,
  );
  const missed = db.prepare(
    `UPDATE deliveries SET state = ?, attempts = attempts + 1, next_at = ?, status = ?, error = ? WHERE number = ?`,
  );
  const abandon = db.prepare(
    `UPDATE deliveries SET state = 'failed', next_at = NULL, error = ? WHERE webhook_id = ? AND state = 'pending'`,
  );
  const recent = db.prepare('SELECT * FROM deliveries WHERE webhook_id = ? ORDER BY number DESC LIMIT ?');
  const prune = db.prepare(`DELETE FROM deliveries WHERE state <> 'pending' AND created_at < ?`);

  return {
    insert: ({ id, url, secret, events, description, enabled, configured, createdAt, failingSince }) =>
      void insert.run(
        ...[id, url, secret, JSON.stringify(events), description],
        ...[Number(enabled), Number(configured), createdAt, failingSince],
      ),
    get(id) {
      const row = get.get(id);
      return row && webhookOf(row);
    },
    list: () => all.all().map(webhookOf),
    update: ({ id, url, secret, events, description, enabled, failingSince }) =>
      void update.run(url, secret, JSON.stringify(events), description, Number(enabled), failingSince, id),
    delete: (id) => void remove.run(id),
    setFailingSince: (id, at) => void failing.run(at, id),

    enqueue: ({ id, webhookId, event, body, at }) => void enqueue.run(id, webhookId, event, body, at, at),
    pending: (webhookId) => Number(pending.get(webhookId)?.n),
    due(webhookId, now) {
      const row = due.get(webhookId, now);
      return row && deliveryOf(row);
    },
    nextDue() {
      const at = next.get()?.at ?? null;
      return at === null ? undefined : Number(at);
    },
    delivered: (number, status) => void delivered.run(status, number),
    missed: (number, { nextAt, status, error }) =>
      void missed.run(nextAt === null ? 'failed' : 'pending', nextAt, status, error, number),
    abandon: (webhookId, error) => void abandon.run(error, webhookId),
    recent: (webhookId, limit) => recent.all(webhookId, limit).map(shownOf),
    prune: (before) => void prune.run(before),
  };
}

function webhookOf(row: Record<string, unknown>): WebhookRecord {
  return {
    id: String(row.id),
    url: String(row.url),
    secret: String(row.secret),
    events: JSON.parse(String(row.events)) as WebhookEventName[],
    description: String(row.description),
    enabled: row.enabled === 1,
    configured: row.configured === 1,
    createdAt: Number(row.created_at),
    failingSince: row.failing_since === null ? null : Number(row.failing_since),
  };
}

function deliveryOf(row: Record<string, unknown>): DeliveryRecord {
  return {
    number: Number(row.number),
    id: String(row.id),
    webhookId: String(row.webhook_id),
    event: String(row.event),
    body: String(row.body),
    createdAt: Number(row.created_at),
    attempts: Number(row.attempts),
  };
}

function shownOf(row: Record<string, unknown>): ApiDelivery {
  const orNull = (value: unknown) => (value === null ? null : Number(value));
  return {
    id: String(row.id),
    event: String(row.event),
    createdAt: Number(row.created_at),
    state: row.state as ApiDelivery['state'],
    attempts: Number(row.attempts),
    nextAt: orNull(row.next_at),
    status: orNull(row.status),
    error: row.error === null ? null : String(row.error),
  };
}
