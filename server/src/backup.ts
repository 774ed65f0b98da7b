// Copies the data of a server that may be running: node server/src/backup.ts FOLDER [--data-dir FOLDER]
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { configSchema } from './config/schema.ts';
import { FatalError, messageOf } from './fatal.ts';

/**
 * Copies the databases, each as of one moment, and the other files of a data folder: secrets, settings, certificates.
 * Recordings and what a running server keeps only for itself are left out. Answers the names of what was copied. The copy
 * is as secret as the original, and is made readable for this user only.
 * @throws FatalError when there is no such data folder, or something at the target already.
 */
export async function backupData(dataDir: string, target: string): Promise<string[]> {
  if (!existsSync(join(dataDir, 'secrets.json'))) {
    throw new FatalError(`${dataDir} is not the data folder of a server: name it with --data-dir.`);
  }
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new FatalError(`${target} is not empty: name a folder that is not there yet.`);
  }
  mkdirSync(target, { recursive: true, mode: 0o700 });
  chmodSync(target, 0o700);
  const names = readdirSync(dataDir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(wal|shm|journal)$/.test(entry.name))
    .map(({ name }) => name);
  for (const name of names) {
    const [from, to] = [join(dataDir, name), join(target, name)];
    if (name.endsWith('.db')) await copyDatabase(from, to);
    else copyFileSync(from, to);
    chmodSync(to, 0o600);
  }
  return names;
}

/** By SQLite's own online backup, which takes what is in the log beside the file as well, and lets others write on. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const db = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(db, to);
  } finally {
    db.close();
  }
}

if (import.meta.main) {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'data-dir': { type: 'string' } } });
    const [target] = positionals;
    if (target === undefined) throw new FatalError('Usage: npm run backup -- FOLDER [--data-dir FOLDER]');
    const given = values['data-dir'] ?? process.env.AMPHI_DATA_DIR;
    const dataDir = given === undefined ? configSchema.shape.dataDir.parse(undefined) : resolve(given);
    const names = await backupData(dataDir, resolve(target));
    process.stdout.write(`${names.length} files copied to ${resolve(target)}: ${names.join(', ')}\n`);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
