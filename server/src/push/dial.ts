import { connect as connectTcp, isIP, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { PushProblem, type PushLine } from '@amphi/egress';
import { type HostCheck, TargetRefused } from '../net/outbound.ts';
import { readPushAddress } from './address.ts';

export type DialOptions = {
  check: HostCheck;
  /** Certificates that are trusted instead of the well-known ones. */
  ca?: string;
};

/**
 * Connects to RTMP servers that hosts of rooms name: to the very address that was checked, over TLS with the certificate
 * verified for the name. Rejects with PushProblem, or the reason of `signal`.
 */
export function createDial({ check, ca }: DialOptions): (url: string, signal: AbortSignal) => Promise<PushLine> {
  return async (text, signal) => {
    const { isTls, host, port, app, tcUrl } = readPushAddress(text);
    const { address } = await check(host).catch((error: unknown) => {
      throw error instanceof TargetRefused ? new PushProblem(error.why) : error;
    });
    signal.throwIfAborted();
    const options: ConnectionOptions & TcpNetConnectOpts = { host: address, port, noDelay: true };
    // An address has no name that could be sent, and is verified as an address.
    if (isIP(host) === 0) options.servername = host;
    if (ca !== undefined) options.ca = ca;
    const socket = isTls ? connectTls(options) : connectTcp(options);
    await connected(socket, isTls ? 'secureConnect' : 'connect', signal);
    return { socket, app, tcUrl };
  };
}

function connected(socket: Duplex, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => signal.removeEventListener('abort', abort);
    socket.once('error', (error) => {
      settle();
      reject(signal.aborted ? (signal.reason as Error) : problemOf(error));
    });
    socket.once(event, () => {
      settle();
      resolve();
    });
  });
}

/** What OpenSSL and Node say of a certificate, or of an end that does not speak TLS. */
const TLS_CODE = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|EPROTO/;

function problemOf(error: NodeJS.ErrnoException): PushProblem {
  const code = error.code ?? '';
  return TLS_CODE.test(code) ? new PushProblem('tls', code) : new PushProblem('unreachable', code || null);
}
