import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between client and server that a test can break. */
export type Proxy = {
  readonly url: string;
  /** Closes all connections, at both ends. */
  cut(): void;
  /** Lets nothing through any more, and closes nothing: what a dead network looks like from either end. */
  stall(): void;
  /** Keeps what the server says back; the answer lets it through, all at once. */
  hold(): () => void;
  /** From now on connections are refused, or served again. */
  block(blocked: boolean): void;
  close(): void;
};

export async function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const stalled = new Set<Socket>();
  /** The server's ends of the connections, and what each leads to. */
  const downlinks = new Map<Socket, Socket>();
  let blocked = false;

  const server = createServer((client) => {
    if (blocked) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    downlinks.set(target, client);
    target.on('close', () => downlinks.delete(target));
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => from.destroy());
      from.on('close', () => {
        // The end of a stalled connection is not passed on.
        if (sockets.delete(from)) to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    stall() {
      for (const socket of sockets) stalled.add(socket.unpipe().pause());
      sockets.clear();
    },
    hold() {
      const releases = [...downlinks].map(([target, client]) => {
        const held: Buffer[] = [];
        const keep = (chunk: Buffer) => held.push(chunk);
        target.unpipe(client).on('data', keep).resume();
        return () => {
          target.off('data', keep);
          client.write(Buffer.concat(held));
          target.pipe(client);
        };
      });
      return () => {
        for (const release of releases) release();
      };
    },
    block(value) {
      blocked = value;
    },
    close() {
      server.close();
      for (const socket of [...sockets, ...stalled]) socket.destroy();
    },
  };
}
