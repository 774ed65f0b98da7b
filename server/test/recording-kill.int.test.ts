import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cast } from './support/cast.ts';
import { freePort } from './support/rtmp/nginx.ts';
import { hasFfmpeg, FfmpegPublisher } from './support/ffmpeg-publisher.ts';
import { type SpawnedServer, spawnServer } from './support/spawned-server.ts';

const run = promisify(execFile);
const PATIENCE = { timeout: 90_000, interval: 200 };

let dataDir: string;
let server: SpawnedServer | undefined;
let publisher: FfmpegPublisher | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'amphi-recording-kill-'));
});
afterEach(async () => {
  publisher?.kill();
  await server?.kill('SIGKILL');
  rmSync(dataDir, { recursive: true });
});

test.skipIf(!hasFfmpeg)(
  'a server that is killed while it makes a film live makes it of the originals when it is back',
  { timeout: 240_000 },
  async () => {
    const port = await freePort();
    const env = { AMPHI_RTMP_PORT: `${port}`, AMPHI_LIVE_TRANSCODE_CORES: '1' };
    server = await spawnServer({ dataDir, env });
    const room = await server.createRoom();
    const cast = new Cast(server);
    const host = await cast.host(room, { name: 'Hanna' });
    const { key } = await host.wire.call('live.createKey', { name: 'Studio' });
    publisher = new FfmpegPublisher(`rtmp://127.0.0.1:${port}/live/${key}`);
    const isPublisher = ({ member: { role } }: { member: { role: string } }) => role === 'publisher';
    await host.wire.take('member.joined', isPublisher);
    await host.wire.call('recording.start', { film: 'live', layout: 'speaker' });
    const [id = ''] = readdirSync(join(dataDir, 'recordings'));
    const folder = join(dataDir, 'recordings', id);
    const live = join(folder, 'live.mp4');
    await expect.poll(() => (existsSync(live) ? statSync(live).size : 0), PATIENCE).toBeGreaterThan(200_000);
    const helpers = await childrenOf(server.pid);
    expect(helpers.length).toBeGreaterThan(2);

    await server.kill('SIGKILL');
    publisher.kill();
    cast.leave();
    // Nobody is left who would go on without it.
    await expect.poll(() => helpers.filter((pid) => existsSync(`/proc/${pid}`)), PATIENCE).toEqual([]);
    expect(existsSync(live)).toBe(true);

    server = await spawnServer({ dataDir, env });
    expect(existsSync(live)).toBe(false);
    const film = join(folder, 'film-speaker-720.mp4');
    await expect.poll(() => existsSync(film), PATIENCE).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('film-'))).toEqual(['film-speaker-720.mp4']);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, number>;
    expect(manifest).toMatchObject({ state: 'interrupted', reason: 'server-stopped' });
    const shown = ['-show_entries', 'stream=codec_name:format=duration', '-of', 'json', film];
    const { stdout, stderr } = await run('ffprobe', ['-v', 'error', ...shown]);
    const probe = JSON.parse(stdout) as { streams: { codec_name: string }[]; format: { duration: string } };
    expect(stderr).toBe('');
    expect(probe.streams.map(({ codec_name }) => codec_name).slice(0, 2)).toEqual(['h264', 'aac']);
    const took = ((manifest['endedAt'] ?? 0) - (manifest['startedAt'] ?? 0)) / 1000;
    expect(took).toBeGreaterThan(3);
    expect(Math.abs(Number(probe.format.duration) - took)).toBeLessThan(0.5);
    const decoded = await run('ffmpeg', ['-v', 'error', '-i', film, '-f', 'null', '-']);
    expect(decoded.stderr).toBe('');
  },
);

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['--ppid', `${pid}`, '-o', 'pid=']);
  return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [Number(line)]));
}
