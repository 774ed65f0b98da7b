import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from '../lib/paths.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The code a shell gives for how a process ended. */
function exitCode(code, signal) {
  return code ?? 128 + constants.signals[signal];
}

/**
 * Runs long-lived commands side by side, as if they were this process: they share its terminal and get its signals, and
 * the first one to end ends the others. Resolves to the exit code of that first one.
 */
export function runTogether(commands) {
  const children = commands.map(([command, ...args]) => spawn(command, args, { cwd: root, stdio: 'inherit' }));
  const stop = (signal) => {
    for (const child of children) child.kill(signal);
  };
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      // A terminal has sent Ctrl-C to the children as well; twice would mean "now, not gracefully".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) stop(signal);
    });
  }
  let first;
  return new Promise((resolve, reject) => {
    let left = children.length;
    for (const child of children) {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        first ??= exitCode(code, signal);
        stop('SIGTERM');
        left -= 1;
        if (left === 0) resolve(first);
      });
    }
  });
}
