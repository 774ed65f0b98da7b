import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@amphi/rooms';
import type { CoturnOptions } from '../../../src/turn/coturn-config.ts';
import { CERT_FD, type Coturn, KEY_FD, superviseCoturn } from '../../../src/turn/coturn.ts';
import { findProgram } from '../../../src/turn/binary.ts';
import { prepareTls, type Tls } from '../../../src/tls.ts';
import { configSchema } from '../../../src/index.ts';

/** Why the tests of the relay cannot be run here; undefined when they can. */
export const missingCoturn: string | undefined = findProgram('turnserver')
  ? undefined
  : 'SKIP: coturn is not installed, so nothing of the relay is tested (sudo apt-get install -y coturn)';

export type Log = { logger: Logger; lines: string[] };

/** A logger that keeps all that it is told. */
export function keepingLogger(): Log {
  const lines: string[] = [];
  const keep = (details: object, message: string) => void lines.push(`${message} ${JSON.stringify(details)}`);
  return { lines, logger: { debug: keep, info: keep, warn: keep, error: keep } };
}

/** Ports that are free most likely: one for UDP and TCP, one for TLS, and a range to relay from. */
export function relayPorts(): Pick<CoturnOptions, 'port' | 'minPort' | 'maxPort'> & { tlsPort: number } {
  const port = randomInt(20_000, 25_000) * 2;
  const minPort = randomInt(51_200, 64_000);
  return { port, tlsPort: port + 1, minPort, maxPort: minPort + 99 };
}

export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

export type TestCoturn = Log & {
  readonly coturn: Coturn;
  readonly config: CoturnOptions;
  readonly tls: Tls;
  close(): Promise<void>;
};

/** A relay under the server's own supervision, on loopback of both families. */
export async function startTestCoturn(overrides: Partial<CoturnOptions> = {}): Promise<TestCoturn> {
  const dataDir = mkdtempSync(join(tmpdir(), 'amphi-relay-'));
  const { logger, lines } = keepingLogger();
  const tls = await prepareTls(configSchema.parse({ host: '0.0.0.0', dataDir }));
  const binary = findProgram('turnserver');
  if (!binary || !tls) throw new Error('there is no coturn, or no certificate');
  const { tlsPort, ...ports } = relayPorts();
  const config: CoturnOptions = {
    ...ports,
    secret: newSecret(),
    tls: { port: tlsPort, cert: CERT_FD, key: KEY_FD },
    listenIps: ['127.0.0.1', '::1'],
    relayIps: ['127.0.0.1', '::1'],
    allowedPeers: [],
    deniedPeers: [],
    allocationsPerMember: 12,
    maxBitrate: 1_000_000,
    ...overrides,
  };
  const coturn = await superviseCoturn({ binary, folder: join(dataDir, 'turn'), config, certificate: tls, logger });
  return {
    coturn,
    config,
    tls,
    logger,
    lines,
    async close() {
      await coturn.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
