import type { DatabaseSync } from 'node:sqlite';
import type { KeptValues } from './feature.ts';

/** What features keep of rooms while nobody is in them: values that JSON can say, by key. */
export interface FeatureValues {
  get(roomId: string, feature: string, key: string): unknown;
  /** `undefined` takes the value away. */
  set(roomId: string, feature: string, key: string, value: unknown): void;
}

export function createFeatureValues(db: DatabaseSync): FeatureValues {
  const select = db.prepare('SELECT value FROM feature_values WHERE room_id = ? AND feature = ? AND key = ?');
  const remove = db.prepare('DELETE FROM feature_values WHERE room_id = ? AND feature = ? AND key = ?');
  const upsert = db.prepare(
    `INSERT INTO feature_values (room_id, feature, key, value) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value`,
  );

  return {
    get(roomId, feature, key) {
      const row = select.get(roomId, feature, key);
      return row === undefined ? undefined : JSON.parse(String(row.value));
    },
    set(roomId, feature, key, value) {
      if (value === undefined) remove.run(roomId, feature, key);
      else upsert.run(roomId, feature, key, JSON.stringify(value));
    },
  };
}

/** What one feature keeps of a room; in memory where there is no store. */
export function keptFor(values: FeatureValues | undefined, roomId: string, feature: string): KeptValues {
  const memory = new Map<string, unknown>();
  return {
    get: (key) => (values ? values.get(roomId, feature, key) : memory.get(key)),
    set: (key, value) => (values ? values.set(roomId, feature, key, value) : void memory.set(key, value)),
  };
}
