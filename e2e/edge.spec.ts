import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type HlsOrigin, startHlsOrigin } from './harness/hls-origin.ts';

const CONFIG = join(import.meta.dirname, '..', 'deploy', 'nginx-live-edge.conf');
const VIEWERS = 50;
const WATCH_MS = 8000;

let origin: HlsOrigin;
test.beforeAll(async () => {
  origin = await startHlsOrigin();
});
test.afterAll(() => origin.close());

test('fifty viewers through nginx cost about one request for each address', async () => {
  test.setTimeout(90_000);
  test.skip(spawnSync('nginx', ['-v']).error !== undefined, 'SKIP: there is no nginx (apt-get install nginx)');
  const folder = mkdtempSync(join(tmpdir(), 'amphi-edge-'));
  const edge = await startEdge(folder, new URL(origin.url).host);
  try {
    await expect
      .poll(async () => (await fetch(`${edge.url}/live/lab/index.m3u8`)).status, { timeout: 20_000 })
      .toBe(200);
    const from = origin.requests.length;
    const until = performance.now() + WATCH_MS;
    const watched = await Promise.all(Array.from({ length: VIEWERS }, () => watch(edge.url, until)));
    // Each of them got on with the event.
    for (const parts of watched) expect(parts).toBeGreaterThan(WATCH_MS / 1000);
    const counts = new Map<string, number>();
    for (const path of origin.requests.slice(from)) counts.set(path, (counts.get(path) ?? 0) + 1);
    const blocking = [...counts].filter(([path]) => path.includes('_HLS_msn=') || path.endsWith('.m4s'));
    expect(blocking.length).toBeGreaterThan(10);
    const mean = blocking.reduce((sum, [, count]) => sum + count, 0) / blocking.length;
    test.info().annotations.push({
      type: 'requests at the origin for each address',
      description: `${mean.toFixed(2)} on average, ${Math.max(...counts.values())} at most, for ${VIEWERS} viewers`,
    });
    expect(mean).toBeLessThan(1.2);
  } finally {
    edge.nginx.kill('SIGTERM');
    await once(edge.nginx, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Loads parts as a player does; answers how many. */
async function watch(url: string, until: number): Promise<number> {
  let [msn, part] = [-1, 0];
  let loaded = 0;
  while (performance.now() < until) {
    const query = msn < 0 ? '' : `?_HLS_msn=${msn}&_HLS_part=${part}`;
    const response = await fetch(`${url}/live/lab/event/v0.m3u8${query}`);
    const text = await response.text();
    expect(response.status, `${query} ${text}`).toBe(200);
    const parts = [...text.matchAll(/#EXT-X-PART:.*URI="(v0-(\d+)\.(\d+)\.m4s)"/g)];
    const [, name = '', lastMsn = '0', lastPart = '0'] = parts.at(-1) ?? [];
    [msn, part] = [Number(lastMsn), Number(lastPart) + 1];
    const media = await fetch(`${url}/live/lab/event/${name}`);
    expect(media.status, name).toBe(200);
    expect((await media.arrayBuffer()).byteLength).toBe(Number(media.headers.get('content-length')));
    loaded += 1;
  }
  return loaded;
}

/** Our edge configuration, with addresses and folders of its own. */
async function startEdge(folder: string, upstream: string): Promise<{ url: string; nginx: ChildProcess }> {
  const port = await freePort();
  const site = readFileSync(CONFIG, 'utf8')
    .replace('/var/cache/nginx/amphi-live', join(folder, 'cache'))
    .replace('server 127.0.0.1:3000;', `server ${upstream};`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`);
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  const paths = `client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;`;
  const path = join(folder, 'nginx.conf');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    path,
    `${user} daemon off; pid ${folder}/pid; error_log stderr warn; events { worker_connections 1024; }
http { access_log off; ${paths}
${site}
}`,
  );
  const nginx = spawn('nginx', ['-p', folder, '-c', path], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  return { url, nginx };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}
