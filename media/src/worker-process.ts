import { steadyNow } from '@amphi/rooms';
import { createWorker } from 'mediasoup';
import type { types } from 'mediasoup';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MediaPlaneOptions } from './options.ts';

/** One running worker with its WebRtcServer, and how much it carries. */
export type LiveWorker = {
  readonly index: number;
  readonly port: number;
  readonly pid: number;
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  readonly startedAt: number;
  /**
   * By how much the clock that its reports go by is ahead of this process's steady one, in milliseconds. Both read that of the
   * machine once, when they start, and count from there on.
   */
  readonly clockAhead: number;
  routers: number;
  members: number;
  consumers: number;
  /** CPU time used so far, and the share of a core used lately (0 to 1). */
  cpuSeconds: number;
  cpuShare: number;
};

/** Sockets of a killed process are freed before Node learns of its death, nearly always. */
const REBIND_EVERY_MS = 25;
const STOP_WITHIN_MS = 1000;

type SpawnOptions = Pick<MediaPlaneOptions, 'workerBin' | 'listenIp' | 'announcedAddresses' | 'basePort'>;

/**
 * Starts a worker process and binds its port, trying for `rebindMs`.
 *
 * UDP and TCP share one port number, and every worker has its own: with one port for all, SO_REUSEPORT would hand a
 * client's packets to whichever worker the hash of the addresses picks, which is not the one that holds its transport.
 */
export async function startWorker(options: SpawnOptions, index: number, rebindMs: number): Promise<LiveWorker> {
  const worker = await spawn(options);
  const clockAhead = Date.now() - steadyNow();
  const port = options.basePort + index;
  const [announcedAddress] = options.announcedAddresses;
  const listenInfos = (['udp', 'tcp'] as const).map((protocol) => ({
    protocol,
    ip: options.listenIp,
    port,
    ...(announcedAddress === undefined ? {} : { announcedAddress }),
  }));
  const giveUpAt = performance.now() + rebindMs;
  for (;;) {
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos });
      return {
        index,
        port,
        pid: worker.pid,
        worker,
        webRtcServer,
        startedAt: performance.now(),
        clockAhead,
        routers: 0,
        members: 0,
        consumers: 0,
        cpuSeconds: 0,
        cpuShare: 0,
      };
    } catch (error) {
      if (worker.closed || performance.now() >= giveUpAt) {
        worker.close();
        throw bindError(error, options, port);
      }
      await sleep(REBIND_EVERY_MS);
    }
  }
}

/** Resolves when the process is gone; after a second it is no longer waited for. */
export async function stopWorker(worker: types.Worker): Promise<void> {
  if (worker.subprocessClosed) return;
  const gone = new Promise<void>((resolve) => worker.once('subprocessclose', resolve));
  worker.close();
  await Promise.race([gone, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
}

/** How much memory a process has in RAM, in bytes (proc(5)); 0 where the system does not tell or it is gone. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function spawn(options: SpawnOptions): Promise<types.Worker> {
  let worker: types.Worker;
  try {
    worker = await createWorker({
      logLevel: 'error',
      ...(options.workerBin === undefined ? {} : { workerBin: options.workerBin }),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The media worker does not start (${reason}): run the set-up again, or set media.workerBin.`, {
      cause: error,
    });
  }
  // mediasoup closes its workers at the first SIGTERM or SIGINT. The server drains then, and calls go on until it is done;
  // a worker whose parent is gone ends by itself.
  const { onSignal } = worker as unknown as { onSignal?: NodeJS.SignalsListener };
  if (onSignal !== undefined) {
    process.removeListener('SIGTERM', onSignal);
    process.removeListener('SIGINT', onSignal);
  }
  return worker;
}

function bindError(error: unknown, options: SpawnOptions, port: number): Error {
  const reason = error instanceof Error ? error.message : String(error);
  if (/address already in use/i.test(reason)) {
    const of =
      port === options.basePort
        ? ''
        : ` (worker ${port - options.basePort + 1} uses media.port + ${port - options.basePort})`;
    return new Error(
      `Port ${port} (UDP and TCP) on ${options.listenIp} is taken: free it or set media.port to another one${of}.`,
    );
  }
  if (/address not available|invalid ip/i.test(reason)) {
    return new Error(
      `This machine has no address ${options.listenIp}: set media.listenIp to one that it has, or to 0.0.0.0.`,
    );
  }
  return new Error(
    `The media worker cannot listen on ${options.listenIp} port ${port} (${reason}): check media.listenIp and media.port.`,
  );
}
