import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { afterEach, expect, test } from 'vitest';

// The image and the unit have the server run as nobody in particular, without capabilities, on a file system that it
// cannot write but for its data. There is no container engine here, but the kernel has all that engines use for that.

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'server', 'src', 'main.ts');
const HEALTHCHECK = join(ROOT, 'deploy', 'healthcheck.mjs');
const USER = 10_001;

const DROP = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];

/** Whether this process may make mount namespaces, and others may read the checkout; in a container often neither. */
const able =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-o', 'remount,bind,ro', '/']).status === 0 &&
  spawnSync('setpriv', [...DROP, 'test', '-r', MAIN]).status === 0;
if (!able)
  process.stderr.write(
    'SKIP: the server is not run confined, which takes root, mount namespaces and a checkout that others can read\n',
  );

let child: ChildProcess | undefined;
let folder: string | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** A worker and a Node that the user of the test can read, whatever folders they are in. */
function programs(to: string): { worker: string; node: string } {
  const { workerBin } = createRequire(join(ROOT, 'media', 'package.json'))('mediasoup') as { workerBin: string };
  const made = { worker: join(to, 'mediasoup-worker'), node: join(to, 'node') };
  copyFileSync(process.env['MEDIASOUP_WORKER_BIN'] ?? workerBin, made.worker);
  copyFileSync(process.execPath, made.node);
  for (const path of Object.values(made)) chmodSync(path, 0o755);
  return made;
}

test.skipIf(!able)(
  'runs without root, without capabilities, on a file system that it cannot write',
  { timeout: 120_000 },
  async () => {
    const shared = mkdtempSync(join(tmpdir(), 'amphi-confined-'));
    folder = shared;
    chmodSync(shared, 0o755);
    const data = join(shared, 'data');
    mkdirSync(data, { mode: 0o700 });
    chownSync(data, USER, USER);
    const { worker, node } = programs(shared);
    const env = {
      PATH: '/usr/bin:/bin',
      NODE_ENV: 'production',
      AMPHI_DATA_DIR: data,
      AMPHI_HOST: '127.0.0.1',
      AMPHI_PORT: String(randomInt(20_000, 21_000)),
      AMPHI_MEDIA_PORT: String(randomInt(21_000, 22_000)),
      AMPHI_MEDIA_WORKERS: '1',
      MEDIASOUP_WORKER_BIN: worker,
    };
    // Everything read-only but the data, then down to a user without rights.
    const jail = `mount --bind ${data} ${data} && mount -o remount,bind,ro / && exec "$@"`;
    const command = ['setpriv', ...DROP, '--no-new-privs', node, MAIN];
    child = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', jail, 'sh', ...command], {
      env,
      stdio: 'pipe',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
    await expect.poll(() => output, { timeout: 60_000 }).toContain('Amphi is ready');

    // unshare, sh and setpriv have each become the next: this is the server itself.
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\s+${USER}\\s+${USER}\\s+${USER}\\s+${USER}$`, 'm'));
    expect(status).toMatch(/^CapEff:\s+0{16}$/m);
    expect(status).toMatch(/^CapBnd:\s+0{16}$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    const mounts = readFileSync(`/proc/${child.pid}/mountinfo`, 'utf8');
    expect(mounts).toMatch(/ \/ \/ ro[, ]/);

    const url = `http://127.0.0.1:${env.AMPHI_PORT}`;
    expect(spawnSync(process.execPath, [HEALTHCHECK], { env }).status).toBe(0);
    const made = await fetch(`${url}/api/rooms`, { method: 'POST', body: '{}' });
    expect(made.status).toBe(201);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^amphi_workers 1$/m);
    expect(statSync(join(data, 'secrets.json'))).toMatchObject({ uid: USER });

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  },
);
