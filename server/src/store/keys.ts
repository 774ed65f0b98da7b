import type { DatabaseSync } from 'node:sqlite';
import { type ApiKey, scope } from '@amphi/protocol/api';
import { z } from 'zod';

/** The API keys, of which only hashes are kept. */
export interface KeyTable {
  insert(key: ApiKey & { hash: string }): void;
  byHash(hash: string): ApiKey | undefined;
  list(): ApiKey[];
  setUsed(id: string, at: number): void;
  /** False when there is none. */
  delete(id: string): boolean;
}

export function createKeyTable(db: DatabaseSync): KeyTable {
  const columns = 'id, hash, name, scopes, created_at, created_by, used_at, expires_at';
  const insert = db.prepare(`INSERT INTO api_keys (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const find = db.prepare(`SELECT ${columns} FROM api_keys WHERE hash = ?`);
  const all = db.prepare(`SELECT ${columns} FROM api_keys ORDER BY created_at, id`);
  const use = db.prepare('UPDATE api_keys SET used_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM api_keys WHERE id = ?');

  return {
    insert: ({ id, hash, name, scopes, createdAt, createdBy, usedAt, expiresAt }) =>
      void insert.run(id, hash, name, JSON.stringify(scopes), createdAt, createdBy, usedAt, expiresAt),
    byHash(hash) {
      const row = find.get(hash);
      return row && keyOf(row);
    },
    list: () => all.all().map(keyOf),
    setUsed: (id, at) => void use.run(at, id),
    delete: (id) => remove.run(id).changes === 1,
  };
}

function keyOf(row: Record<string, unknown>): ApiKey {
  const when = (value: unknown) => (value === null ? null : Number(value));
  return {
    id: String(row.id),
    name: String(row.name),
    scopes: z.array(scope).parse(JSON.parse(String(row.scopes))),
    createdAt: Number(row.created_at),
    createdBy: String(row.created_by),
    usedAt: when(row.used_at),
    expiresAt: when(row.expires_at),
  };
}
