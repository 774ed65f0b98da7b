import { setFlagsFromString } from 'node:v8';
import { StoreError } from '@amphi/rooms';
import { banner } from './banner.ts';
import { loadConfig } from './config/load.ts';
import { help } from './config/reference.ts';
import { FatalError } from './fatal.ts';
import { createLogger } from './logger.ts';
import { startServer } from './server.ts';

/** After this long an ending server just ends. */
const STOP_WITHIN_MS = 3000;

/**
 * Media passes through this process in buffers outside of the heap, which V8 counts as if the heap itself grew: by default
 * it marks all of that every few seconds, for more processor than all else that a live stream costs.
 */
const GROW_BEFORE_MARKING = '--heap-growing-percent=150';

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(help());
    return;
  }
  const config = loadConfig({ args, env: process.env });
  const logger = createLogger(config.logLevel);
  const server = await startServer({ config, logger });
  process.stdout.write(banner({ config, ...server }));

  let stage: 'serving' | 'draining' | 'stopping' = 'serving';
  const stop = () => {
    if (stage === 'stopping') return;
    stage = 'stopping';
    logger.info('stopping');
    // Ctrl-C goes to the media workers as well, and that they end is no news now.
    logger.level = 'error';
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    void server.close().finally(() => process.exit(0));
  };
  // Each further signal is more in a hurry.
  const hurry = (signal: NodeJS.Signals) => {
    if (stage === 'stopping') process.exit(1);
    if (stage === 'draining' || config.drainSeconds === 0) return stop();
    stage = 'draining';
    logger.info({ signal, seconds: config.drainSeconds }, 'waiting for calls to end; once more to stop at once');
    void server.drain(config.drainSeconds * 1000).then(stop);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, hurry);
}

try {
  setFlagsFromString(GROW_BEFORE_MARKING);
  await main(process.argv.slice(2));
} catch (error) {
  // What a person can do something about is a sentence; anything else is our mistake, and its stack is what helps.
  const isForPeople = error instanceof FatalError || error instanceof StoreError;
  process.stderr.write(`${isForPeople ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(error instanceof FatalError ? error.exitCode : 1);
}
