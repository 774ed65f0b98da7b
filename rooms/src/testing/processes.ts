import { readdirSync, readFileSync } from 'node:fs';

/** The processes that this one has started, and what they were started with (Linux). */
export function startedProcesses(): { pid: number; command: string }[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    read(`/proc/self/task/${task}/children`)
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .flatMap((pid) => {
        const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
        return command === '' ? [] : [{ pid, command }];
      }),
  );
}

/** Empty for what has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
