import type { Config } from '../config/schema.ts';
import { messageOf } from '../fatal.ts';
import { isLoopback, isWildcard, urlHost } from '../net/addresses.ts';
import { examineCertificates } from './certificate.ts';
import { failed, type Finding, ok, skipped } from './finding.ts';
import {
  examineClock,
  examineCoturn,
  examineDataFolder,
  examineDisk,
  examineFfmpeg,
  examineWorker,
} from './machine.ts';
import { examinePaths } from './paths.ts';
import { examineStorage } from './storage.ts';
import { examineAnnounced, examinePorts } from './ports.ts';

export type ExamineOptions = {
  config: Config;
  env: NodeJS.ProcessEnv;
  /** Where the server is asked, if it is not where the configuration says: `https://localhost:3000`. */
  origin?: string | undefined;
};

/** Everything that has to be right for a call, examined on the server's machine. Changes nothing and never rejects. */
export async function examine({ config, env, origin = originOf(config) }: ExamineOptions): Promise<Finding[]> {
  const machine = [
    examineDataFolder(config),
    examineDisk(config),
    await examineClock(),
    examineWorker(config, env),
    await examineFfmpeg(),
    await examineCoturn(config),
    ...examineCertificates(config),
    examineAnnounced(config),
    await examineStorage(config),
  ];
  const running = await examineServer(origin);
  const network = running.state === 'ok' ? await examinePaths(origin) : await examinePorts(config);
  return [...machine, running, ...network];
}

/** Whether it is well enough to begin a call: warnings are not in the way. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== 'failed');
}

/** Where a server with this configuration answers on this machine. */
export function originOf({ host, port, trustProxy }: Config): string {
  const isPlain = trustProxy > 0 || isLoopback(host);
  const name = isWildcard(host) || isLoopback(host) ? 'localhost' : urlHost(host);
  return `${isPlain ? 'http' : 'https'}://${name}:${port}`;
}

async function examineServer(origin: string): Promise<Finding> {
  const [id, title] = ['server', 'Server'];
  try {
    const response = await fetch(new URL('/healthz', origin), { signal: AbortSignal.timeout(5000) });
    if (response.ok) return ok(id, title, `It runs at ${origin}.`);
    return failed(
      id,
      title,
      `${origin} answers ${response.status}.`,
      'It is being stopped, or something else has its port.',
    );
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code === 'ECONNREFUSED')
      return skipped(id, title, `It does not run at ${origin}; its ports are looked at instead.`);
    const why = cause?.code ?? messageOf(error);
    return failed(
      id,
      title,
      `${origin} does not answer as a server of ours (${why}).`,
      'See what listens there, and whether its certificate is the one of the configuration.',
    );
  }
}
