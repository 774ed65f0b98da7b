import type { DatabaseSync } from 'node:sqlite';

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
