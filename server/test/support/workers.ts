import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The process ids of this process's children (Linux). */
function children(): number[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    const text = readFileSync(`/proc/self/task/${task}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  });
}

/** The processes that this one has started, and what they were started with. */
export function startedProcesses(): { pid: number; command: string }[] {
  return children().flatMap((pid) => {
    try {
      return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
    } catch {
      return []; // Ended meanwhile.
    }
  });
}

/** The inodes of the UDP sockets on a port. */
function socketsOn(port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const [, ...lines] = readFileSync('/proc/net/udp', 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return new Set(rows.filter((row) => row[1]?.endsWith(`:${hex}`)).map((row) => `socket:[${row[9]}]`));
}

/** The media worker that holds this port. */
export function workerOn(port: number): number {
  const sockets = socketsOn(port);
  const pid = children().find((child) => {
    const folder = `/proc/${child}/fd`;
    return readdirSync(folder).some((fd) => {
      try {
        return sockets.has(readlinkSync(`${folder}/${fd}`));
      } catch {
        return false; // Closed since the folder was read.
      }
    });
  });
  if (pid === undefined) throw new Error(`no worker holds port ${port}`);
  return pid;
}

/** Kills the media worker that holds this port, as the kernel does when memory is short. */
export function killWorker(port: number): void {
  process.kill(workerOn(port), 'SIGKILL');
}
