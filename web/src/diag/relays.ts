import type { IceServer } from '@amphi/client';
import { allocate, type Allocation, type RelayServer } from '@amphi/client/diagnose';
import { type DiagKey, d } from '../i18n/diag/index.ts';
import type { Hop } from './hops.ts';

export type RelayWay = 'udp' | 'tcp' | 'tls';

/** The server's first relay for this way, if it has one. */
export function relayFor(way: RelayWay, iceServers: readonly IceServer[]): RelayServer | undefined {
  for (const { urls, username = '', credential = '' } of iceServers) {
    const url = urls.find((each) => wayOf(each) === way);
    if (url !== undefined) return { url, username, credential };
  }
  return undefined;
}

/** How a TURN address is reached (RFC 7065); undefined for STUN. */
export function wayOf(url: string): RelayWay | undefined {
  if (url.startsWith('turns:')) return 'tls';
  if (!url.startsWith('turn:')) return undefined;
  return url.endsWith('?transport=tcp') ? 'tcp' : 'udp';
}

/** Host and port of a TURN address. */
export function placeOf(url: string): { host: string; port: number } {
  const [, scheme = '', host = '', port] = /^(turns?):(.+?)(?::(\d+))?(?:\?.*)?$/.exec(url) ?? [];
  return { host, port: Number(port ?? (scheme === 'turns' ? 5349 : 3478)) };
}

/** Asks a relay for an address. Where the media goes another way a relay that is not reached is no more than a note. */
export async function checkRelay(way: RelayWay, iceServers: readonly IceServer[]): Promise<Hop> {
  const server = relayFor(way, iceServers);
  if (!server) return { state: 'skipped', found: d('turn.none'), cure: d('turn.none.cure') };
  const allocation = await allocate(server);
  if (allocation.ok) {
    const { address, tookMs: ms } = allocation;
    return { state: 'ok', found: d('turn.ok', { url: server.url, address, ms }) };
  }
  const why = causeOf(allocation);
  const found = d('turn.failed', { url: server.url, why: d(`turn.why.${why}`, { code: allocation.code ?? 0 }) });
  return { state: 'warn', found, cure: cureOf(why, way, server.url) };
}

type Cause = 'none' | 'unreachable' | 'refused' | 'full' | 'other';

export function causeOf({ code }: Extract<Allocation, { ok: false }>): Cause {
  if (code === null) return 'none';
  if (code === 701) return 'unreachable';
  if (code === 401 || code === 403 || code === 441) return 'refused';
  if (code === 486 || code === 508) return 'full';
  return 'other';
}

function cureOf(why: Cause, way: RelayWay, url: string): string {
  if (why === 'refused' || why === 'full') return d(`turn.cure.${why}`);
  const { host, port } = placeOf(url);
  const key: DiagKey = way === 'tls' ? 'turn.cure.tls' : 'turn.cure.closed';
  return d(key, { host, port: `${port}`, what: way.toUpperCase() });
}
