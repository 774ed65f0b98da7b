import { join } from 'node:path';
import { Failure } from './lib/failure.mjs';
import { root, tool } from './lib/paths.mjs';
import { check } from './steps/check.mjs';
import { runTogether } from './steps/children.mjs';
import { offerRelay } from './steps/relay.mjs';
import { ensureDeps } from './steps/deps.mjs';
import { offerFilms } from './steps/films.mjs';
import { ensureNode } from './steps/node24.mjs';
import { SUITES, test } from './steps/test.mjs';
import { ensureWeb } from './steps/web.mjs';
import { ensureWorker } from './worker/ensure.mjs';

const SERVER = join(root, 'server', 'src', 'main.ts');
const DOCTOR = join(root, 'server', 'src', 'doctor', 'main.ts');

async function withWorker(node) {
  process.env.MEDIASOUP_WORKER_BIN = await ensureWorker(node);
}

const commands = {
  async start(node, args) {
    await withWorker(node);
    await ensureWeb();
    await offerRelay(args);
    await offerFilms();
    return runTogether([[node, SERVER, ...args]]);
  },

  async dev(node, args) {
    await withWorker(node);
    await ensureWeb();
    return runTogether([
      [node, '--watch', SERVER, ...args],
      [tool('vite'), 'build', 'web', '--watch'],
    ]);
  },

  /** All that `start` does before there is a server. */
  async build(node) {
    await withWorker(node);
    await ensureWeb();
    return 0;
  },

  backup: (node, args) => runTogether([[node, join(root, 'server', 'src', 'backup.ts'), ...args]]),

  check: () => check(),

  // Nothing is built for it: what is missing is what it has to say.
  doctor: (node, args) => runTogether([[node, DOCTOR, ...args]]),

  async test(node, args) {
    const only = args[1];
    return test(only ? [only] : SUITES, () => withWorker(node));
  },
};

/** Whether a command's arguments can be right; some pass theirs on to a program of the server, which judges them. */
function understands(name, args) {
  if (['start', 'dev', 'backup', 'doctor'].includes(name)) return true;
  if (args.length === 0) return ['build', 'check', 'test'].includes(name);
  return name === 'test' && args.length === 2 && args[0] === '--only' && SUITES.includes(args[1]);
}

/** Performs a command and resolves to the exit code. */
export async function perform(name, args, usage) {
  try {
    if (!understands(name, args)) {
      const asked = [name, ...args].filter(Boolean).join(' ');
      throw new Failure(asked ? `"${asked}" is not something Amphi can do. ${usage}` : usage);
    }
    await ensureDeps();
    return await commands[name](ensureNode(), args);
  } catch (error) {
    // A Failure is for the person at the keyboard; anything else is a mistake of ours, whose stack is what helps.
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}
