import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { Counts } from '@amphi/rooms';
import { createAdaptorServer } from '@hono/node-server';
import type { Config } from '../config/schema.ts';
import { FatalError, messageOf } from '../fatal.ts';
import { addressKey } from '../net/addresses.ts';
import type { Tls } from '../tls.ts';

/** How long a client may take to say what it wants. */
const HEADERS_WITHIN_MS = 10_000;

/** How long connections have to end in order after that. */
const GOODBYE_MS = 500;

export function createWebServer(
  fetch: Parameters<typeof createAdaptorServer>[0]['fetch'],
  tls: Tls | undefined,
): HttpServer {
  const server = tls
    ? createAdaptorServer({
        fetch,
        createServer: createHttpsServer,
        serverOptions: { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' },
      })
    : createAdaptorServer({ fetch, createServer: createHttpServer });
  return server as HttpServer;
}

export async function listen(server: HttpServer, { host, port }: Config): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cures: Record<string, string> = {
      EADDRINUSE: `Port ${port} is in use: stop what uses it, or choose another with --port.`,
      EACCES: `Port ${port} may not be opened by this user: choose one above 1023 with --port.`,
      EADDRNOTAVAIL: `This machine does not have the address ${host}: choose another with --host.`,
    };
    throw new FatalError(cures[code ?? ''] ?? `The web server cannot listen on ${host}:${port}: ${messageOf(error)}.`);
  }
}

/**
 * The connections that a server has, upgraded ones included, which Node's own `closeAllConnections()` passes over. More
 * than `most` from one address are closed as they come.
 */
export function watchConnections(server: HttpServer, most: number): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  const perAddress = new Counts();
  server.headersTimeout = HEADERS_WITHIN_MS;
  server.on('connection', (socket: Socket) => {
    const address = addressKey(socket.remoteAddress ?? '');
    if (perAddress.of(address) >= most) {
      socket.destroy();
      return;
    }
    perAddress.add(address);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      perAddress.remove(address);
    });
  });
  return open;
}

export async function closeWebServer(
  server: HttpServer,
  connections: ReadonlySet<Socket>,
  closeGateway: () => Promise<void>,
): Promise<void> {
  const closed = closeGateway();
  server.closeAllConnections();
  // The closing handshake of a WebSocket waits half a minute for a client whose network is dead.
  const timer = setTimeout(() => {
    for (const socket of connections) socket.destroy();
  }, GOODBYE_MS);
  await closed.finally(() => clearTimeout(timer));
}
