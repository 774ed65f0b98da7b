import { spawnSync } from 'node:child_process';
import { copyFileSync, chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { hashOf } from '../lib/hash.mjs';
import { cache, modules, root } from '../lib/paths.mjs';
import { run, tail } from '../lib/run.mjs';
import { say, step } from '../lib/say.mjs';
import { build } from './build.mjs';
import { fetchPrebuilt } from './prebuilt.mjs';

const here = join(root, 'setup', 'worker');

/** The worker ends with 41 when it is started by hand; anything else means that it cannot run on this system. */
function runs(binary) {
  return existsSync(binary) && spawnSync(binary, [], { env: {}, stdio: 'ignore' }).status === 41;
}

function cached(origin) {
  const { version } = JSON.parse(readFileSync(join(modules, 'mediasoup', 'package.json'), 'utf8'));
  return join(cache, `mediasoup-worker-${version}-${origin}-${process.arch}`, 'mediasoup-worker');
}

/** Puts a binary where it is looked for, in one go, so that a second set-up at the same time never sees half of it. */
function keepAs(target) {
  return (binary) => {
    mkdirSync(dirname(target), { recursive: true });
    const incoming = `${target}.${process.pid}`;
    try {
      copyFileSync(binary, incoming);
      chmodSync(incoming, 0o755);
      renameSync(incoming, target);
    } finally {
      rmSync(incoming, { force: true });
    }
  };
}

async function verify(node, binary) {
  const { code, output } = await run(node, [join(here, 'verify.mjs'), binary], {
    capture: true,
    timeout: 30_000,
  });
  if (code === 0) return;
  rmSync(binary);
  say(tail(output));
  throw new Failure(
    'The new mediasoup worker does not route media on this system (see above); please report it, and set MEDIASOUP_WORKER_BIN to a worker built elsewhere meanwhile.',
  );
}

/** The path of a mediasoup worker that runs on this machine: given, cached, fetched or built, in this order. */
export async function ensureWorker(node) {
  const given = process.env.MEDIASOUP_WORKER_BIN;
  if (given) {
    if (runs(given)) return given;
    throw new Failure(
      `MEDIASOUP_WORKER_BIN is ${given}, which does not run as a mediasoup worker; unset it or correct it.`,
    );
  }

  const mayFetch = process.env.AMPHI_WORKER !== 'build';
  const prebuilt = cached('prebuilt');
  const built = cached(hashOf(here, ['subprojects', 'recipe.mjs']));
  if (mayFetch && runs(prebuilt)) return prebuilt;
  if (runs(built)) return built;

  if (mayFetch) {
    const fetched = await step("fetching mediasoup's prebuilt worker", () =>
      fetchPrebuilt(node, runs, keepAs(prebuilt)),
    );
    if (fetched) {
      await verify(node, prebuilt);
      return prebuilt;
    }
    say('amphi: no prebuilt worker could be fetched, so it is built here, once for this machine');
  }
  await step('building the mediasoup worker (a few minutes)', () => build(keepAs(built)));
  await step('trying the mediasoup worker', () => verify(node, built));
  return built;
}
