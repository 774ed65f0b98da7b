import { openDatabase } from '@amphi/rooms';
import { createKeyTable, type KeyTable } from './keys.ts';
import { createShareTable, type ShareTable, SHARES_MIGRATION } from './shares.ts';
import { createWebhookTables, type WebhookTables } from './webhooks.ts';

/** What the server keeps for other sites and for strangers: API keys, webhooks and what waits for those, shares. */
export interface ServerStore {
  readonly keys: KeyTable;
  readonly webhooks: WebhookTables;
  readonly shares: ShareTable;
  close(): void;
}

const MIGRATIONS = [
  `CREATE TABLE api_keys (
     id TEXT PRIMARY KEY,
     hash TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     scopes TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     used_at INTEGER,
     expires_at INTEGER
   ) STRICT;
   CREATE TABLE webhooks (
     id TEXT PRIMARY KEY,
     url TEXT NOT NULL,
     secret TEXT NOT NULL,
     events TEXT NOT NULL,
     description TEXT NOT NULL,
     enabled INTEGER NOT NULL,
     configured INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     failing_since INTEGER
   ) STRICT;
   CREATE TABLE deliveries (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
     event TEXT NOT NULL,
     body TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     state TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     next_at INTEGER,
     status INTEGER,
     error TEXT
   ) STRICT;
   CREATE INDEX deliveries_due ON deliveries (webhook_id, next_at) WHERE state = 'pending';
   CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, number);`,
  SHARES_MIGRATION,
];

/**
 * Opens the store in an SQLite file of its own, so that what other sites cause never waits for the rooms or they for it.
 * @throws StoreError as `openDatabase` does.
 */
export function openServerStore(path: string): ServerStore {
  const db = openDatabase(path, MIGRATIONS);
  db.exec('PRAGMA foreign_keys = ON');
  let closed = false;
  return {
    keys: createKeyTable(db),
    webhooks: createWebhookTables(db),
    shares: createShareTable(db),
    close() {
      if (closed) return;
      closed = true;
      db.close();
    },
  };
}
