import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needPackages } from '../lib/debian.mjs';
import { Failure } from '../lib/failure.mjs';
import { modules, root } from '../lib/paths.mjs';
import { run, tail, works } from '../lib/run.mjs';
import { percentage, say } from '../lib/say.mjs';
import { MESON_OPTIONS, PACKAGES, PATCHES } from './recipe.mjs';

/** Replaces a piece of mediasoup's source, and says so loudly when the piece is not there any more. */
function patch(source, { file, from, to }) {
  const path = join(source, file);
  const pieces = readFileSync(path, 'utf8').split(from);
  if (pieces.length !== 2) {
    throw new Failure(
      `mediasoup's worker/${file} is not what setup/worker/recipe.mjs expects; see whether its patch ("${from}") is still needed and adapt it.`,
    );
  }
  writeFileSync(path, pieces.join(to));
}

/** A copy of the worker's source that builds from the system's libraries; node_modules stays as it is. */
function prepare(source) {
  cpSync(join(modules, 'mediasoup', 'worker'), source, { recursive: true });
  rmSync(join(source, 'subprojects'), { recursive: true });
  cpSync(join(root, 'setup', 'worker', 'subprojects'), join(source, 'subprojects'), { recursive: true });
  for (const each of PATCHES) patch(source, each);
}

async function must(name, command, args, options) {
  const { code, output } = await run(command, args, { capture: true, ...options });
  if (code === 0) return;
  say(tail(output));
  throw new Failure(
    `The mediasoup worker could not be built (${name} failed, its last lines are above); you can set MEDIASOUP_WORKER_BIN to a worker built elsewhere.`,
  );
}

/** Builds the worker from the source in the npm package, and hands the path of the binary to `keep`. */
export async function build(keep) {
  await needPackages('build the mediasoup worker', PACKAGES);

  const scratch = mkdtempSync(join(tmpdir(), 'amphi-worker-'));
  const clean = () => rmSync(scratch, { recursive: true, force: true });
  const interrupted = () => {
    clean();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const source = join(scratch, 'source');
    const out = join(scratch, 'out');
    prepare(source);
    await must('meson', 'meson', ['setup', ...MESON_OPTIONS, out, source]);

    const progress = percentage('compiling the mediasoup worker');
    const ninja = ['ninja', '-C', out, 'mediasoup-worker'];
    // The machine should stay usable while all of its cores compile.
    const command = works('nice', 'true') ? ['nice', '-n', '10', ...ninja] : ninja;
    await must('ninja', command[0], command.slice(1), {
      onLine: (line) => {
        const counts = /^\[(\d+)\/(\d+)\]/.exec(line);
        if (counts) progress(Number(counts[1]), Number(counts[2]));
      },
    });
    keep(join(out, 'mediasoup-worker'));
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    clean();
  }
}
