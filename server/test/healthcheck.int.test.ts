import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestServer } from './support/server.ts';

const CHECK = join(import.meta.dirname, '..', '..', 'deploy', 'healthcheck.mjs');

async function check(env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [CHECK], { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

test('the health check of the container passes while the server serves, with TLS or without', async ({
  onTestFinished,
}) => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const env = { AMPHI_PORT: String(server.port), AMPHI_HOST: '127.0.0.1' };
  expect(await check(env)).toBe(0);
  void server.drain(60_000);
  expect(await check(env), 'while it drains').toBe(1);
  await server.stop();
  expect(await check(env), 'when it is gone').toBe(1);

  const tls = await startTestServer({ host: '0.0.0.0', turn: { mode: 'off' } });
  onTestFinished(() => tls.close());
  expect(await check({ AMPHI_PORT: String(tls.port), AMPHI_HOST: '0.0.0.0' })).toBe(0);
});
