import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modules } from '../lib/paths.mjs';

const ANSWER_MS = 15_000;
const DOWNLOAD_MS = 180_000;

/** mediasoup's install script, which leaves what it fetches below its working directory. Resolves when it ends. */
function runInstallScript(node, scratch) {
  return new Promise((resolve) => {
    const child = spawn(node, [join(modules, 'mediasoup', 'npm-scripts.mjs'), 'postinstall'], {
      cwd: scratch,
      stdio: 'ignore',
      // When it finds nothing to fetch the script builds, with a Python tool from the network; this makes that end at
      // once, because our own build works offline too.
      env: { ...process.env, PYTHON: 'false', MEDIASOUP_WORKER_BIN: '', MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD: '' },
    });
    const stop = () => child.kill('SIGKILL');
    // It makes the output folder as soon as the server has answered, and only then is a longer wait worth it.
    const answer = setTimeout(() => {
      if (!existsSync(join(scratch, 'worker', 'out', 'Release'))) stop();
    }, ANSWER_MS);
    const download = setTimeout(stop, DOWNLOAD_MS);
    child
      .on('error', () => {})
      .on('close', () => {
        clearTimeout(answer);
        clearTimeout(download);
        resolve();
      });
  });
}

/**
 * Fetches the worker that mediasoup offers for this platform, with mediasoup's own install script, and hands its path
 * to `keep` if `runs` says that it is usable here. Resolves to whether that went well.
 */
export async function fetchPrebuilt(node, runs, keep) {
  const scratch = mkdtempSync(join(tmpdir(), 'amphi-prebuilt-'));
  try {
    await runInstallScript(node, scratch);
    const binary = join(scratch, 'worker', 'out', 'Release', 'mediasoup-worker');
    if (!runs(binary)) return false;
    keep(binary);
    return true;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
