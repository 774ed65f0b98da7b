import { type Server, type Socket, connect, createServer } from 'node:net';

/**
 * A TCP relay between the browsers and the server's HTTP port, to be cut at will. Media does not pass here, so that a
 * cut takes away signaling and nothing else.
 */
export class Cut {
  readonly origin: string;
  readonly #relay: Server;
  readonly #pairs = new Set<[Socket, Socket]>();
  #mode: 'open' | 'refusing' | 'silent' = 'open';

  private constructor(relay: Server, port: number) {
    this.#relay = relay;
    this.origin = `http://localhost:${port}`;
  }

  static async before(serverOrigin: string): Promise<Cut> {
    const { port } = new URL(serverOrigin);
    const relay = createServer();
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const cut = new Cut(relay, (relay.address() as { port: number }).port);
    relay.on('connection', (socket) => cut.#accept(socket, Number(port)));
    return cut;
  }

  /** Ends every connection and refuses new ones, as a crashed proxy does. */
  refuse(): void {
    this.#mode = 'refusing';
    this.#dropAll();
  }

  /** Lets nothing through in either direction and tells nobody, as a dead link does. */
  silence(): void {
    this.#mode = 'silent';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Lets all pass again. What a silence kept back is lost with its connection. */
  mend(): void {
    this.#mode = 'open';
    this.#dropAll();
  }

  async close(): Promise<void> {
    this.#dropAll();
    await new Promise((resolve) => this.#relay.close(resolve));
  }

  #accept(client: Socket, port: number): void {
    if (this.#mode === 'refusing') {
      client.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    const end = () => {
      client.destroy();
      server.destroy();
      this.#pairs.delete(pair);
    };
    for (const [from, to] of [pair, [server, client] as const]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', end);
      from.on('close', end);
    }
    if (this.#mode === 'silent') for (const socket of pair) socket.pause();
  }

  #dropAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#pairs.clear();
  }
}
