import { spawn, spawnSync } from 'node:child_process';
import { Failure } from './failure.mjs';
import { root } from './paths.mjs';

/** Whether a command can be run and ends with code 0. */
export function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Runs a command to its end. Resolves to { code, output }: output is empty unless `capture`, which also keeps the
 * command quiet. `onLine` sees every captured line as it comes.
 */
export function run(command, args, { cwd = root, env = {}, capture = false, onLine, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
      timeout,
    });
    let output = '';
    let rest = '';
    const take = (chunk) => {
      output += chunk;
      if (!onLine) return;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    child.on('error', (error) => {
      reject(new Failure(`Cannot run ${command} (${error.message}); install it and try again.`));
    });
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The last lines of a captured output, for showing what went wrong. */
export function tail(output, lines = 25) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}
