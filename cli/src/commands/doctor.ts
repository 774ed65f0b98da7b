import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Command, defineCommand } from '../command.ts';

/** The server's own, which examines with the server's own code. */
const DOCTOR = join(import.meta.dirname, '..', '..', '..', 'server', 'src', 'doctor', 'main.ts');

export const doctor: readonly Command[] = [
  defineCommand({
    name: 'doctor',
    about: 'Examines the server on this machine and the ways to it, and says what to mend.',
    args: [],
    options: {
      config: { about: "The server's configuration file.", value: 'FILE' },
    },
    async run({ target, isJson }, _args, { config }) {
      const { dataDir } = target;
      const args = [
        ...(isJson ? ['--json'] : []),
        ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
        ...(config === undefined ? [] : ['--config', config]),
      ];
      const child = spawn(process.execPath, [DOCTOR, ...args], { stdio: 'inherit' });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code ?? 1;
    },
  }),
];
