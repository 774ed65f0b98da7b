import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joinInput } from '../test/support/cast.ts';
import { WireClient } from '../test/support/wire-client.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

describe('the command', () => {
  let dataDir: string;
  let child: ChildProcess | undefined;
  let output: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'amphi-main-'));
    output = '';
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true });
  });

  function run(...args: string[]): Promise<[code: number | null]> {
    const port = `--port=${randomInt(30_000, 40_000)}`;
    const media = [`--media-port=${randomInt(20_000, 30_000)}`, '--media-workers=1'];
    child = spawn(process.execPath, [MAIN, '--data-dir', dataDir, port, ...media, ...args], { stdio: 'pipe' });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
    return once(child, 'exit') as Promise<[number | null]>;
  }

  async function ready(): Promise<void> {
    await expect.poll(() => output, { timeout: 25_000 }).toContain('Amphi is ready');
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('ends cleanly on %s, within three seconds', async (signal) => {
    const ended = run();
    await ready();
    const since = performance.now();
    child?.kill(signal);
    expect((await ended)[0]).toBe(0);
    expect(performance.now() - since).toBeLessThan(3000);
  });

  test('drains at the first signal where it may, and stops at the second', async () => {
    const ended = run('--drain-seconds=600');
    await ready();
    const [, url = ''] = /Amphi is ready: +(\S+)/.exec(output) ?? [];
    const room = await fetch(`${url}/api/rooms`, { method: 'POST', body: '{}' });
    const { id } = (await room.json()) as { id: string };
    const client = await WireClient.connect(url, id);
    await client.call('join', joinInput(client));
    child?.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/healthz`)).status).toBe(503);
    expect(await client.send('session.ping', {})).toMatchObject({ ok: true });
    child?.kill('SIGTERM');
    expect(await client.take('session.ended')).toEqual({ reason: 'server-stopping' });
    expect((await ended)[0]).toBe(0);
    client.close();
  });

  test('refuses a bad value with exit code 2 and one sentence', async () => {
    expect((await run('--room-capacity=many'))[0]).toBe(2);
    expect(output).toMatch(/^The setting "room.capacity" \(option --room-capacity\) is refused: [^\n]+\n$/);
  });

  test('says in one sentence that the data is damaged', async () => {
    writeFileSync(join(dataDir, 'rooms.db'), 'nonsense '.repeat(1000));
    expect((await run())[0]).toBe(1);
    expect(output).toMatch(/^The database [^\n]+ cannot be used [^\n]+\n$/);
  });

  test('explains its options', async () => {
    expect((await run('--help'))[0]).toBe(0);
    expect(output).toContain('--media-port');
  });
});
