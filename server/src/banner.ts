import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import type { Config } from './config/schema.ts';
import type { RelayStatus } from './turn/relay.ts';
import { isLoopback, isWildcard, lanAddresses, urlHost } from './net/addresses.ts';

/** The addresses to open: one for this machine, and those for others, the best first. */
export function pageAddresses(config: Config, port: number, isTls: boolean): { local: string; others: string[] } {
  const scheme = isTls ? 'https' : 'http';
  const url = (host: string) => `${scheme}://${urlHost(host)}${port === (isTls ? 443 : 80) ? '' : `:${port}`}`;
  const local = url(isWildcard(config.host) || isLoopback(config.host) ? 'localhost' : config.host);
  const reachable = isWildcard(config.host) ? lanAddresses().map(url) : [];
  if (!isWildcard(config.host) && !isLoopback(config.host)) reachable.push(local);
  return { local, others: [...(config.publicUrl ? [config.publicUrl] : []), ...reachable] };
}

/** What is printed when the server is ready. */
export function banner(options: {
  config: Config;
  addresses: { local: string; others: string[] };
  mediaAddresses: readonly string[];
  selfSigned: boolean;
  relay: RelayStatus;
}): string {
  const { config, addresses, mediaAddresses, selfSigned, relay } = options;
  const { port, workers } = config.media;
  const [best] = addresses.others;
  const ports = workers === 1 ? `port ${port}` : `ports ${port} to ${port + workers - 1}`;
  const lines = [
    '',
    `  Amphi is ready:   ${addresses.local}`,
    ...addresses.others.filter((url) => url !== addresses.local).map((url) => `                    ${url}`),
    '',
    `  Media:            UDP and TCP ${ports} at ${mediaAddresses.join(', ')}`,
    `  Data:             ${config.dataDir}`,
    `  Admin page:       /admin, with the "adminSecret" from ${join(config.dataDir, 'secrets.json')}`,
  ];
  if (selfSigned)
    lines.push('  Certificate:      self-signed, so browsers warn once; see "tls.cert" for one of your own');
  if (best === undefined && config.trustProxy === 0)
    lines.push('  Other devices:    only this machine can connect; to serve others: npm start -- --host 0.0.0.0');
  const turn = relayLine(config, relay);
  if (turn !== undefined) lines.push(`  TURN:             ${turn}`);
  if (best !== undefined) lines.push('', renderUnicodeCompact(best).replace(/^/gm, '  '));
  return `${lines.join('\n')}\n\n`;
}

/** How people behind strict firewalls get in; nothing where this machine is the only one that is served. */
function relayLine(config: Config, { state, urls, reason }: RelayStatus): string | undefined {
  if (state === 'running' || state === 'external') return urls.filter((url) => url.startsWith('turn')).join(', ');
  if (config.iceServers.some((server) => server.urls.some((url) => url.startsWith('turn')))) return undefined;
  const isLocal = isLoopback(config.host) && config.trustProxy === 0;
  return isLocal ? undefined : `none, so people behind strict firewalls may not get in. ${reason ?? ''}`.trim();
}
