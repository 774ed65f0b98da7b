import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether a host is this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);
}

/** Whether a host stands for all addresses. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** This machine's IPv4 addresses on its networks, private and public. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => entry.family === 'IPv4' && !entry.internal && !entry.address.startsWith('169.254.'))
    .map((entry) => entry.address);
}

/** All addresses that this machine has on its networks, IPv4 first, without those that hold on one link only. */
export function machineAddresses(): string[] {
  const entries = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return entries
    .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address))
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
}

/** A host as it stands in a URL. */
export function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/**
 * Who is at the other end. With n proxies in front, it is whom the outermost of them saw: the n-th from the end of
 * X-Forwarded-For; what stands before that anybody could have written.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const direct = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (trustedProxies === 0) return direct;
  const entry = trustedHop(request.headers['x-forwarded-for'], trustedProxies) ?? '';
  const address = entry.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
  return isIP(address) === 0 ? direct : address.replace(/^::ffff:/, '');
}

/**
 * Of a header to which each proxy adds what it saw: what the outermost of so many proxies of ours wrote. All before that
 * the client may have made up; where there are fewer, nobody but proxies wrote, and the first counts.
 */
export function trustedHop(header: string | string[] | undefined, trustedProxies: number): string | undefined {
  if (header === undefined || trustedProxies === 0) return undefined;
  const entries = [header].flat().join(',').split(',');
  return (entries.at(-trustedProxies) ?? entries[0])?.trim();
}

/** Whether a request comes from this machine, and not from a proxy on it that nobody told us of. */
export function isLocalRequest(request: IncomingMessage, trustedProxies: number): boolean {
  if (trustedProxies === 0 && (request.headers['x-forwarded-for'] ?? request.headers.forwarded) !== undefined) {
    return false;
  }
  return isLoopback(clientAddress(request, trustedProxies));
}

/** What limits are counted by: an IPv4 address, or the /64 that an IPv6 host has to itself. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*/, '').toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  const groups = [...first, ...zeros, ...last].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}
