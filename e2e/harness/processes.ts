import { readFileSync, readdirSync } from 'node:fs';

/** The children of a process, from /proc. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => parentOf(entry) === pid)
    .map(Number);
}

function parentOf(pid: string): number | null {
  try {
    // The second field is the program's name in parentheses, which may hold spaces: count from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // gone since the folder was read
  }
}

/** The program of a process, without its arguments; empty when it is gone. */
export function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
  } catch {
    return '';
  }
}
