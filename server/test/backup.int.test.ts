import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startTestServer } from './support/server.ts';

const BACKUP = join(import.meta.dirname, '..', 'src', 'backup.ts');

/** In another process, so that the server of this one goes on meanwhile. */
async function backup(dataDir: string, target: string) {
  const child = spawn(process.execPath, [BACKUP, target, '--data-dir', dataDir], { stdio: 'pipe' });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { status: status as number, stdout, stderr };
}

test('a copy made while the server runs has all of that moment, and can be served from', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const original = await startTestServer();
  onTestFinished(() => original.close());
  const kept = await original.createRoom({ policy: { capacity: 7 } });
  // Rooms are being made all the time while it is copied.
  const copied = new AbortController();
  const writing = (async () => {
    let made = 0;
    for (; !copied.signal.aborted; made++) await original.createRoom();
    return made;
  })();
  const target = join(folder, 'copy');
  const { status, stdout, stderr } = await backup(original.dataDir, target);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('rooms.db');
  copied.abort();
  expect(await writing).toBeGreaterThan(1);
  const late = await original.createRoom();

  expect(readdirSync(target).toSorted()).toEqual(['admin.json', 'rooms.db', 'secrets.json', 'server.db']);
  expect(statSync(target).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(target)) expect(statSync(join(target, name)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(target, 'secrets.json'), 'utf8')).toBe(
    readFileSync(join(original.dataDir, 'secrets.json'), 'utf8'),
  );

  // Restoring is putting the copy in the place of the data folder.
  const restored = join(folder, 'restored');
  cpSync(target, restored, { recursive: true });
  const server = await startTestServer({ dataDir: restored });
  onTestFinished(() => server.close());
  const found = await fetch(`${server.url}/api/rooms/${kept}`);
  expect(await found.json()).toMatchObject({ id: kept, policy: { capacity: 7 } });
  expect((await fetch(`${server.url}/api/rooms/${late}`)).status).toBe(404);
});

test('says what is wrong, and writes over nothing', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await backup(folder, join(folder, 'copy'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is not the data folder'),
  });
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const target = join(folder, 'copy');
  expect((await backup(server.dataDir, target)).status).toBe(0);
  expect(await backup(server.dataDir, target)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is not empty'),
  });
});
