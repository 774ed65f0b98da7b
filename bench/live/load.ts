import { readFileSync } from 'node:fs';
import { childrenOf, programOf } from '../../e2e/harness/processes.ts';

const TICKS_PER_SECOND = 100;
const PARTS = ['node', 'worker', 'ffmpeg'] as const;

/** Processor seconds by part of the server, or cores where they are divided by a time. */
export type Cpu = Record<(typeof PARTS)[number], number>;

/** Processor seconds that a server and its children have used so far (proc(5): utime and stime). */
export function cpuOf(server: number): Cpu {
  const used: Cpu = { node: seconds(server), worker: 0, ffmpeg: 0 };
  for (const child of childrenOf(server)) {
    const program = programOf(child);
    if (program.includes('mediasoup-worker')) used.worker += seconds(child);
    else if (program.includes('ffmpeg')) used.ffmpeg += seconds(child);
  }
  return used;
}

export const total = (cpu: Cpu): number => PARTS.reduce((sum, part) => sum + cpu[part], 0);

/** `one` without `other`, each part divided by `by`. */
export function difference(one: Cpu, other: Cpu, by = 1): Cpu {
  return {
    node: (one.node - other.node) / by,
    worker: (one.worker - other.worker) / by,
    ffmpeg: (one.ffmpeg - other.ffmpeg) / by,
  };
}

function seconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may hold spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0; // it has ended
  }
}

/** Asks for low-latency HLS as players do, and throws away what it is given. */
export class HlsLoad {
  bytes = 0;
  failures = 0;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>[] = [];

  /** So many viewers of the stream at `base`, each of the picture `v0` and the sound. */
  constructor(base: string, viewers: number) {
    for (let viewer = 0; viewer < viewers; viewer += 1) {
      this.#running.push(this.#follow(base, 'v0'), this.#follow(base, 'a'));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #follow(base: string, track: string): Promise<void> {
    const { signal } = this.#stop;
    let query = '';
    while (!signal.aborted) {
      try {
        const playlist = (await this.#get(`${base}/${track}.m3u8${query}`)).toString();
        const [, name = '', msn, part] = /PRELOAD-HINT:TYPE=PART,URI="(.*-(\d+)\.(\d+)\.m4s)"/.exec(playlist) ?? [];
        if (name === '') throw new Error('The playlist names no part that comes.');
        query = `?_HLS_msn=${msn}&_HLS_part=${part}&_HLS_skip=YES`;
        await this.#get(`${base}/${name}`);
      } catch (error) {
        if (signal.aborted) return;
        this.failures += 1;
        // The first one of a segment that ended early is not there under the name that was hinted at.
        query = '';
        if (this.failures > 1000) throw error;
      }
    }
  }

  async #get(url: string): Promise<Buffer> {
    const response = await fetch(url, { signal: this.#stop.signal, headers: { 'accept-encoding': 'gzip' } });
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
    this.bytes += body.length;
    return body;
  }
}
