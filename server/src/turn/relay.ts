import { lookup } from 'node:dns/promises';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Relay as RelayGrant } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import type { Config } from '../config/schema.ts';
import { isLoopback, isWildcard, machineAddresses, urlHost } from '../net/addresses.ts';
import { readPair, type Tls } from '../tls.ts';
import { coturnVersion, findProgram } from './binary.ts';
import { CERT_FD, type Coturn, KEY_FD, superviseCoturn } from './coturn.ts';
import type { CoturnOptions } from './coturn-config.ts';
import { turnCredentials } from './credentials.ts';
import { createRevocation, type Revocation } from './revocation.ts';

export type RelayStatus = {
  /** `failed` may become `running` later, and the other way round. */
  state: 'off' | 'external' | 'running' | 'failed';
  /** What browsers are told, without credentials. */
  urls: readonly string[];
  /** Of coturn, where this server runs one. */
  version?: string;
  /** Why there is none, in one sentence with the cure. */
  reason?: string;
};

export type RelayOptions = {
  config: Config;
  logger: Logger;
  dataDir: string;
  /** Where the SFU is, as browsers are told. */
  mediaAddresses: readonly string[];
  /** This installation's own; an external relay has one by configuration. */
  secret: string;
  /** What the web server shows browsers. */
  tls?: Tls | undefined;
  /** The path of coturn, if it is installed. */
  findCoturn?(): string | undefined;
};

/** The STUN and TURN servers that members are told of, and the relay that this server runs itself. */
export interface Relay {
  /** For one session, with credentials that end by themselves. Give them to members only. */
  grant(sessionId: string): RelayGrant;
  /** The session is over. With the own relay, its allocations are too; an external one may let them be refreshed. */
  revoke(sessionId: string): void;
  status(): RelayStatus;
  close(): Promise<void>;
}

type Source = {
  urls: readonly string[];
  secret: string;
  revocation?: Revocation;
  status(): RelayStatus;
  close(): Promise<void>;
};

/**
 * Finds or starts the relay. What is wrong with it is in its status and in the log, and the server serves without.
 * @throws FatalError only for a certificate of its own that cannot be read.
 */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { config } = options;
  const source = await chooseSource(options);
  const lifetimeMs = config.turn.credentialMinutes * 60_000;
  return {
    grant(sessionId) {
      const { state } = source.status();
      // What is down at the moment may be up by then.
      const expiresInMs = source.urls.length > 0 ? lifetimeMs : null;
      if (state !== 'running' && state !== 'external') return { iceServers: [...config.iceServers], expiresInMs };
      const until = Date.now() + lifetimeMs;
      source.revocation?.granted(sessionId, until);
      // STUN servers take no credentials.
      const stun = source.urls.filter((url) => url.startsWith('stun'));
      const turn = source.urls.filter((url) => url.startsWith('turn'));
      const own = [
        ...(stun.length > 0 ? [{ urls: stun }] : []),
        { urls: turn, ...turnCredentials(source.secret, sessionId, until) },
      ];
      return { iceServers: [...config.iceServers, ...own], expiresInMs };
    },
    revoke: (sessionId) => source.revocation?.revoke(sessionId),
    status: () => source.status(),
    close: () => source.close(),
  };
}

async function chooseSource(options: RelayOptions): Promise<Source> {
  const { config, logger } = options;
  const { mode, urls, secret = '' } = config.turn;
  if (mode === 'external') {
    return { urls, secret, status: () => ({ state: 'external', urls }), close: async () => {} };
  }
  if (mode === 'off') return none('off', 'It is switched off by "turn.mode".');
  if (isLoopback(config.host) && config.trustProxy === 0)
    return none('off', 'This server is for this machine only, which needs no relay.');
  const { findCoturn = () => findProgram('turnserver') } = options;
  const binary = findCoturn();
  if (binary === undefined) {
    const reason =
      'coturn is not installed: run "sudo apt-get install -y --no-install-recommends coturn" and start again, or name another relay with "turn.urls".';
    logger.warn({ reason }, 'there is no TURN relay');
    return none('failed', reason);
  }
  return ownRelay(options, binary);
}

function none(state: 'off' | 'failed', reason: string): Source {
  return { urls: [], secret: '', status: () => ({ state, urls: [], reason }), close: async () => {} };
}

async function ownRelay(options: RelayOptions, binary: string): Promise<Source> {
  const { config, logger, dataDir, mediaAddresses, secret } = options;
  const { turn } = config;
  const certificate = turnCertificate(options);
  const [version, peers] = await Promise.all([coturnVersion(binary), resolved(mediaAddresses, logger)]);
  const coturn: Coturn = await superviseCoturn({
    binary,
    folder: join(dataDir, 'turn'),
    certificate,
    logger,
    config: {
      ...addressing(config.media.listenIp, peers, machineAddresses()),
      ...turn,
      secret: turn.secret ?? secret,
      tls: certificate && { port: turn.tlsPort, cert: CERT_FD, key: KEY_FD },
    },
  });
  const urls = relayUrls(options, certificate);
  const revocation = createRevocation(coturn, logger);
  return {
    urls,
    secret: turn.secret ?? secret,
    revocation,
    close() {
      revocation.close();
      return coturn.close();
    },
    status() {
      const { trouble } = coturn;
      const known = version === undefined ? {} : { version };
      return trouble === undefined
        ? { state: 'running', urls, ...known }
        : { state: 'failed', urls, ...known, reason: trouble };
    },
  };
}

function turnCertificate({ config, tls }: RelayOptions): Tls | undefined {
  const { cert, key } = config.turn;
  return cert !== undefined && key !== undefined ? readPair(cert, key, 'turn') : tls;
}

function relayUrls({ config, mediaAddresses }: RelayOptions, certificate: Tls | undefined): string[] {
  const { host, port, tlsPort } = config.turn;
  const [address = '127.0.0.1'] = mediaAddresses;
  const named = certificate && !certificate.selfSigned && config.publicUrl ? new URL(config.publicUrl).hostname : null;
  const plain = urlHost(host ?? address);
  const forTls = host === undefined && named !== null ? named : plain;
  return [
    `stun:${plain}:${port}`,
    `turn:${plain}:${port}?transport=udp`,
    `turn:${plain}:${port}?transport=tcp`,
    ...(certificate ? [`turns:${forTls}:${tlsPort}?transport=tcp`] : []),
  ];
}

/** Addresses in place of names; what cannot be resolved now is left out, and said. */
async function resolved(names: readonly string[], logger: Logger): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      if (isIP(name) !== 0) return [name];
      try {
        return (await lookup(name, { all: true })).map(({ address }) => address);
      } catch {
        logger.warn({ name }, 'the TURN relay will not reach the media port: this name cannot be resolved');
        return [];
      }
    }),
  );
  return [...new Set(found.flat())];
}

/**
 * Where a relay listens and what it relays from and to, on a machine with the addresses `local` whose SFU is announced
 * at `peers`.
 */
export function addressing(
  listenIp: string,
  peers: readonly string[],
  local: readonly string[],
): Pick<CoturnOptions, 'listenIps' | 'relayIps' | 'external' | 'allowedPeers' | 'deniedPeers'> {
  const fitting = listenIp === '0.0.0.0' ? local.filter((address) => isIPv4(address)) : local;
  const listenIps = !isWildcard(listenIp) ? [listenIp] : fitting.length > 0 ? fitting : ['127.0.0.1'];
  const relayIps = [isIPv4, isIPv6].flatMap((isOfFamily) => {
    const own = listenIps.filter((address) => isOfFamily(address));
    return own.find((address) => peers.includes(address)) ?? own[0] ?? [];
  });
  const localIp = relayIps.find((address) => isIPv4(address));
  const announced = peers.find((address) => isIPv4(address));
  const behindNat = localIp !== undefined && announced !== undefined && ![...listenIps, ...local].includes(announced);
  return {
    listenIps,
    relayIps,
    external: behindNat ? { publicIp: announced, localIp } : undefined,
    allowedPeers: peers,
    deniedPeers: local.filter((address) => !peers.includes(address)),
  };
}
