import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Counts, type Logger } from '@amphi/rooms';
import { messageOf } from '../fatal.ts';
import { addressKey } from '../net/addresses.ts';
import type { Tls } from '../tls.ts';

/** Connections that one address may have at once: a studio has some programs, and they come back before they are missed. */
const MAX_PER_ADDRESS = 16;
const MAX_CONNECTIONS = 512;

export type RtmpListenerOptions = {
  host: string;
  port: number;
  /** Encrypts (RTMPS). */
  tls?: Tls | undefined;
  /** One has come; answers how it is closed. `address`: whoever comes from it counts as one. */
  take(socket: Socket, address: string): { close(): void };
  logger: Logger;
};

export type RtmpListener = { readonly port: number; close(): void };

/** Listens for programs. Undefined where it cannot, which is logged with the cure: all else works without. */
export async function listenRtmp(options: RtmpListenerOptions): Promise<RtmpListener | undefined> {
  const { host, port, tls, logger } = options;
  const open = new Map<Socket, { close(): void }>();
  const perAddress = new Counts();

  function take(socket: Socket): void {
    const address = addressKey(socket.remoteAddress ?? '');
    if (perAddress.of(address) >= MAX_PER_ADDRESS || open.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    perAddress.add(address);
    socket.setNoDelay(true);
    open.set(socket, options.take(socket, address));
    socket.once('close', () => {
      open.delete(socket);
      perAddress.remove(address);
    });
  }

  const server: Server = tls
    ? createTlsServer({ cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }, take)
    : createServer(take);
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    const setting = tls ? 'rtmp.tlsPort' : 'rtmp.port';
    logger.warn(
      { port, reason: messageOf(error) },
      `programs cannot publish by ${tls ? 'RTMPS' : 'RTMP'}: the port is not to be had. Set ${setting} to a free one, or to 0 to do without`,
    );
    return undefined;
  }
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const [socket, connection] of open) {
        connection.close();
        socket.destroy();
      }
    },
  };
}
