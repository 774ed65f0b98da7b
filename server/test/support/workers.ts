import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { startedProcesses } from '@amphi/rooms/testing';

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
  const found = startedProcesses().find(({ pid }) => {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => {
      try {
        return sockets.has(readlinkSync(`${folder}/${fd}`));
      } catch {
        return false; // Closed since the folder was read.
      }
    });
  });
  if (found === undefined) throw new Error(`no worker holds port ${port}`);
  return found.pid;
}

/** Kills the media worker that holds this port, as the kernel does when memory is short. */
export function killWorker(port: number): void {
  process.kill(workerOn(port), 'SIGKILL');
}
