import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** In front of a server on loopback, at an address that stays: closed, it is as if that server were not there. */
export class Gate {
  readonly port: number;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(server: Server, to: number) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#to = to;
    server.on('connection', (socket) => this.#pass(socket));
  }

  static async open(to: number): Promise<Gate> {
    return new Gate(await listening(0), to);
  }

  async reopen(): Promise<void> {
    if (this.#server) return;
    this.#server = await listening(this.port);
    this.#server.on('connection', (socket) => this.#pass(socket));
  }

  /** Breaks what is connected off, too. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #pass(socket: Socket): void {
    const inner = connect(this.#to, '127.0.0.1');
    for (const one of [socket, inner]) {
      this.#sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => this.#sockets.delete(one));
    }
    socket.pipe(inner).pipe(socket);
    socket.on('close', () => inner.destroy());
    inner.on('close', () => socket.destroy());
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
