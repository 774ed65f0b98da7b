import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { modules } from '../lib/paths.mjs';

const NEEDED = 24;

/**
 * The Node that everything after the set-up runs with: the running one when it is new enough, else the one among the
 * npm packages. It is put first on PATH, so that every child process finds it.
 */
export function ensureNode() {
  const packaged = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  const runningIsEnough = Number(process.versions.node.split('.')[0]) >= NEEDED;
  const node = runningIsEnough ? process.execPath : packaged;
  if (!existsSync(node)) {
    throw new Failure(
      `Amphi runs on Node ${NEEDED} and brings it along for Linux on x64 and arm64 only; install Node ${NEEDED} (this is ${process.version}) and try again.`,
    );
  }
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
  return node;
}
