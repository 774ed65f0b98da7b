import { isIPv4 } from 'node:net';
import type { ConsoleAddress } from './console.ts';
import { SPECIAL_RANGES } from './special-ranges.ts';

export type CoturnOptions = {
  secret: string;
  port: number;
  /** Where TLS is spoken, with the paths under which coturn finds certificate and key. */
  tls?: { port: number; cert: string; key: string } | undefined;
  minPort: number;
  maxPort: number;
  /** This machine's addresses on which clients are served. */
  listenIps: readonly string[];
  /** This machine's addresses from which is relayed, at most one of each family. */
  relayIps: readonly string[];
  /** The address that the world sees in place of a relay address, behind NAT. */
  external?: { publicIp: string; localIp: string } | undefined;
  /** Addresses that may be relayed to although they are special or this machine's own: the SFU's. */
  allowedPeers: readonly string[];
  /** Addresses that may not be: this machine's other ones. */
  deniedPeers: readonly string[];
  allocationsPerMember: number;
  /** Bits per second of an allocation. */
  maxBitrate: number;
  /** Where allocations can be ended, on loopback. */
  console?: ConsoleAddress | undefined;
};

/** What the relay calls itself when it asks for credentials. */
export const REALM = 'amphi';

/** The text of coturn's configuration file (4.6): a relay for UDP, for those with credentials, and nothing besides. */
export function coturnConfig(options: CoturnOptions): string {
  const { tls, external, console } = options;
  return [
    ...options.listenIps.map((address) => `listening-ip=${address}`),
    ...options.relayIps.map((address) => `relay-ip=${address}`),
    ...(external ? [`external-ip=${external.publicIp}/${external.localIp}`] : []),
    `listening-port=${options.port}`,
    `min-port=${options.minPort}`,
    `max-port=${options.maxPort}`,
    ...(tls
      ? [`tls-listening-port=${tls.port}`, `cert=${tls.cert}`, `pkey=${tls.key}`, 'no-tlsv1', 'no-tlsv1_1']
      : ['no-tls']),
    'no-dtls',

    'use-auth-secret',
    `static-auth-secret=${options.secret}`,
    `realm=${REALM}`,
    'stale-nonce=600',
    // The database that Debian's package makes could hold accounts and allowed peers of its own.
    'userdb=:memory:',
    'no-dynamic-ip-list',
    'no-dynamic-realms',
    'no-auth-pings',

    `user-quota=${options.allocationsPerMember}`,
    `total-quota=${options.maxPort - options.minPort + 1}`,
    `max-bps=${Math.floor(options.maxBitrate / 8)}`,

    ...(console
      ? [
          'cli-ip=127.0.0.1',
          `cli-port=${console.port}`,
          `cli-password=${console.password}`,
          'cli-max-output-sessions=100000',
        ]
      : ['no-cli']),
    'no-tcp-relay',
    'no-multicast-peers',
    'no-software-attribute',
    'no-rfc5780',
    'no-stun-backward-compatibility',
    'response-origin-only-with-rfc5780',

    ...SPECIAL_RANGES.map((range) => `denied-peer-ip=${range}`),
    ...options.deniedPeers.map((address) => `denied-peer-ip=${address}`),
    ...options.allowedPeers.filter(mayBeAllowed).map((address) => `allowed-peer-ip=${address}`),

    'pidfile=/dev/null',
    'log-file=stdout',
    '',
  ].join('\n');
}

/** Loopback never is: what listens there trusts whoever can reach it. */
function mayBeAllowed(address: string): boolean {
  return isIPv4(address) ? !address.startsWith('127.') : address !== '::1';
}
