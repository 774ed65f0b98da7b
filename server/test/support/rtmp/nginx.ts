import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** Whether Debian's nginx with its RTMP module is here (nginx, libnginx-mod-rtmp). */
export const hasNginxRtmp = existsSync(MODULE) && existsSync('/usr/sbin/nginx');

/** A real RTMP server, which asks whether a key is good at every publication. */
export class NginxRtmp {
  readonly port: number;
  /** What it was asked: the keys, in order. */
  readonly asked: string[];
  readonly #folder: string;
  readonly #closeDoor: () => void;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, asked: string[], closeDoor: () => void) {
    this.port = port;
    this.asked = asked;
    this.#folder = folder;
    this.#closeDoor = closeDoor;
  }

  /** @param good the keys that it takes */
  static async start(good: ReadonlySet<string>): Promise<NginxRtmp> {
    const asked: string[] = [];
    const door = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const key = new URLSearchParams(Buffer.concat(parts).toString()).get('name') ?? '';
        asked.push(key);
        response.writeHead(good.has(key) ? 200 : 403).end();
      });
    });
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    const { port: doorPort } = door.address() as AddressInfo;
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'amphi-nginx-'));
    await writeFile(
      join(folder, 'nginx.conf'),
      `load_module ${MODULE};
daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 128; }
rtmp { server { listen 127.0.0.1:${port};
  application live { live on; on_publish http://127.0.0.1:${doorPort}/; } } }
`,
    );
    const server = new NginxRtmp(port, folder, asked, () => door.close());
    await server.up();
    return server;
  }

  url(app = 'live'): string {
    return `rtmp://127.0.0.1:${this.port}/${app}`;
  }

  async up(): Promise<void> {
    const args = ['-p', this.#folder, '-c', join(this.#folder, 'nginx.conf'), '-e', join(this.#folder, 'error.log')];
    this.#process = spawn('/usr/sbin/nginx', args, { stdio: 'inherit' });
    for (let left = 100; left > 0; left--) {
      if (await listens(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('nginx did not come up');
  }

  /** Takes it away without a word. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  }

  async close(): Promise<void> {
    await this.kill();
    this.#closeDoor();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A port of loopback where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
