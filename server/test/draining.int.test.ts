import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Cast } from './support/cast.ts';
import { startProxy } from './support/proxy.ts';
import { startTestServer } from './support/server.ts';
import { WireClient } from './support/wire-client.ts';

test('a server that stops tells everybody, and takes nobody any more', async () => {
  const server = await startTestServer();
  const cast = new Cast(server);
  const room = await server.createRoom();
  const [alice, bob] = await cast.gather(['Alice', 'Bob'], { room });
  const visitor = await cast.visit(room);
  const away = await cast.join(room, { name: 'Away' });
  await away.wire.drop();

  const closed = server.close();
  for (const wire of [alice?.wire, bob?.wire, visitor]) {
    expect(await wire?.take('session.ended')).toEqual({ reason: 'server-stopping' });
    await wire?.closed();
  }
  await closed;
  await expect(cast.visit(room)).rejects.toThrow('websocket error');
  await server.close();
  expect(server.errors).toEqual([]);
});

test('while it stops, connections are refused with the reason', async () => {
  const server = await startTestServer();
  const cast = new Cast(server);
  const room = await server.createRoom();
  const [alice] = await cast.gather(['Alice'], { room });
  const closed = server.close();
  await alice?.wire.take('session.ended');
  await expect(alice?.wire.resume()).rejects.toMatchObject({ code: 'draining', retryAfterMs: 3000 });
  expect((await fetch(new URL('/healthz', server.url))).status).toBe(503);
  await closed;
});

test('a server that drains lets calls go on, and begins no new one', async ({ onTestFinished }) => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const cast = new Cast(server);
  const [room, empty] = [await server.createRoom(), await server.createRoom()];
  const [alice] = await cast.gather(['Alice'], { room });
  let drained = false;
  const draining = server.drain(60_000).then(() => (drained = true));

  expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
  await expect(server.createRoom()).rejects.toThrow('503');
  await expect(cast.visit(empty)).rejects.toMatchObject({ code: 'draining' });
  expect((await fetch(`${server.url}/api/rooms/${room}`)).status).toBe(200);
  // Who belongs to a call that goes on may come, and come back.
  const bob = await cast.join(room, { name: 'Bob' });
  await alice?.wire.drop();
  expect((await alice?.wire.resume())?.resumed).toBe(true);
  expect((await bob.sync()).members).toHaveLength(2);
  expect(drained).toBe(false);

  await alice?.wire.call('leave', {});
  await bob.wire.call('leave', {});
  await draining;
  await expect(cast.visit(room)).rejects.toMatchObject({ code: 'draining' });
});

test('draining takes no longer than it may', async ({ onTestFinished }) => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const [alice] = await new Cast(server).gather(['Alice']);
  await server.drain(600);
  expect((await alice?.sync())?.members).toHaveLength(1);
});

test('a connection whose other end is dead does not hold up the end', async ({ onTestFinished }) => {
  const server = await startTestServer();
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const cast = new Cast(server);
  await cast.visit(await server.createRoom(), { url: proxy.url });
  proxy.stall();
  const stoppedAt = performance.now();
  const closed = server.close();
  const late = sleep(3000).then(() => 'not closed after 3 s');
  expect(await Promise.race([closed.then(() => 'closed'), late])).toBe('closed');
  expect(performance.now() - stoppedAt).toBeLessThan(3000);
});

test('a room is there again after a restart, and old tokens begin new sessions', async () => {
  const first = await startTestServer();
  const room = await first.createRoom({ id: 'kept', policy: { capacity: 5 } });
  const [alice] = await new Cast(first).gather(['Alice'], { room });
  const token = alice?.wire.welcome.resumeToken ?? '';
  await first.stop();
  const second = await startTestServer({ dataDir: first.dataDir });
  const cast = new Cast(second);
  const later = await cast.visit(room, { resume: { token, seq: 7 } });
  expect(later.welcome).toMatchObject({ resumed: false, room: { id: 'kept', policy: { capacity: 5 } } });
  cast.leave();
  await second.close();
});

test('SIGTERM ends the process in good order', async ({ onTestFinished }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'amphi-test-'));
  const main = join(import.meta.dirname, '..', 'src', 'main.ts');
  const settings = ['--port', '0', '--data-dir', dataDir, '--log-level', 'warn'];
  const media = [
    '--media-port',
    String(randomInt(10_000, 20_000)),
    '--media-workers',
    '1',
    '--media-listen-ip',
    '127.0.0.1',
  ];
  const child = spawn(process.execPath, [main, ...settings, ...media], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints += chunk));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const address = /http:\/\/\S+/.exec(line);
      if (address) resolve(address[0]);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${complaints}`)));
  });
  const { id } = (await (await fetch(new URL('/api/rooms', url), { method: 'POST' })).json()) as { id: string };
  const alice = await WireClient.connect(url, id);
  await alice.call('join', { name: 'Alice', rtpCapabilities: alice.welcome.rtpCapabilities });

  const stoppedAt = performance.now();
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await alice.take('session.ended')).toEqual({ reason: 'server-stopping' });
  expect(await exit).toEqual([0, null]);
  expect(performance.now() - stoppedAt).toBeLessThan(3000);
  expect(complaints).toBe('');
});
