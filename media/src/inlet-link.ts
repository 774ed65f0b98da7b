import type { types } from 'mediasoup';
import { IncomingWatch } from './incoming-watch.ts';
import type { LinkEvents } from './member-link.ts';
import type { MediaPlaneOptions } from './options.ts';
import type { RouterNode } from './router-node.ts';

/** What a member has in place of transports for whom this process sends. Void once closed. */
export class InletLink {
  readonly node: RouterNode;
  readonly transport: types.DirectTransport;
  readonly #events: LinkEvents;
  readonly #incoming: IncomingWatch;
  #alive = false;
  #closed = false;

  /** Rejects when the worker is gone. */
  static async open(
    node: RouterNode,
    { maxIncomingBitrate }: Pick<MediaPlaneOptions, 'maxIncomingBitrate'>,
    events: LinkEvents,
  ): Promise<InletLink> {
    const router = await node.ready;
    return new InletLink(node, await router.createDirectTransport(), maxIncomingBitrate, events);
  }

  private constructor(
    node: RouterNode,
    transport: types.DirectTransport,
    maxIncomingBitrate: number,
    events: LinkEvents,
  ) {
    this.node = node;
    this.transport = transport;
    this.#events = events;
    this.#incoming = new IncomingWatch(transport, maxIncomingBitrate, () => events.flooded());
  }

  get closed(): boolean {
    return this.#closed || this.transport.closed;
  }

  /** Whether it was said that whoever is sent for is there. */
  isAlive(): boolean {
    return this.#alive;
  }

  /** Whoever is sent for came, or went. */
  setAlive(alive: boolean): void {
    if (this.closed || alive === this.#alive) return;
    this.#alive = alive;
    this.#events.alive(alive);
  }

  /** The member sends from now on: looks at how much. */
  watchIncoming(): void {
    if (!this.#closed) this.#incoming.start();
  }

  /** The transport, where this is its id. */
  sender(id: string): types.DirectTransport | undefined {
    return id === this.transport.id ? this.transport : undefined;
  }

  close(): void {
    this.#closed = true;
    this.#incoming.stop();
    this.transport.close();
  }
}
