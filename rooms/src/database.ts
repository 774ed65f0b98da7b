import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A store that cannot be opened; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * Opens an SQLite file, which is made where it is missing (mode 0600), and brings it to the newest version; `:memory:`
 * keeps nothing. Each of `migrations` leads from the version of its index to the next. What is committed survives the
 * process at once (WAL).
 * @throws StoreError when the file is damaged, cannot be written, or comes from a newer version.
 */
export function openDatabase(path: string, migrations: readonly string[]): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;');
    const [check] = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {});
    if (check !== 'ok') throw new Error(`it is damaged: ${lineOf(String(check))}`);
    if (path !== ':memory:') chmodSync(path, 0o600);
    migrate(db, path, migrations);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof StoreError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const cure = existsSync(path)
      ? 'move it away to begin with an empty one, or put a backup in its place'
      : 'make sure that its folder can be written';
    throw new StoreError(`The database ${path} cannot be used (${why}): ${cure}.`);
  }
}

/** SQLite's findings fill several lines and begin with the name of the database. */
function lineOf(finding: string): string {
  return finding
    .replace(/^\*\*\* in database \w+ \*\*\*/, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ', ');
}

function migrate(db: DatabaseSync, path: string, migrations: readonly string[]): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version > migrations.length) {
    throw new StoreError(`The database ${path} was written by a newer Amphi (version ${version}): update Amphi.`);
  }
  for (const [index, sql] of migrations.entries()) {
    if (index >= version) db.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
