import type { Page, WebSocket } from '@playwright/test';

type Message = { at: number; method: string; ackedAt: number | null };

/** A Socket.IO packet with an ack id: `42<id>["request",{…}]` asks and `43<id>[…]` answers. */
const PACKET = /^4([23])(\d+)(\[.*)$/s;
/** The packet that opens the Socket.IO session, in both directions. */
const CONNECT = /^40/;
const CONNECT_KEY = 'connect';

/** Reads the page's WebSocket along and knows every request and its ack. */
export class Signaling {
  readonly messages: Message[] = [];
  readonly sockets: WebSocket[] = [];
  readonly #open = new Map<string, Message>();

  constructor(page: Page) {
    page.on('websocket', (socket) => {
      this.sockets.push(socket);
      const key = (id: string) => `${this.sockets.indexOf(socket)}/${id}`;
      socket.on('framesent', ({ payload }) => {
        const text = payload.toString();
        if (CONNECT.test(text)) this.#sent(key(CONNECT_KEY), '(connect)');
        const [, type, id = '', body = ''] = PACKET.exec(text) ?? [];
        if (type !== '2') return;
        const [event, envelope] = JSON.parse(body) as [string, { method?: string }?];
        if (event === 'request') this.#sent(key(id), envelope?.method ?? '');
      });
      socket.on('framereceived', ({ payload }) => {
        const text = payload.toString();
        if (CONNECT.test(text)) this.#answered(key(CONNECT_KEY));
        const [, type, id = ''] = PACKET.exec(text) ?? [];
        if (type === '3') this.#answered(key(id));
      });
    });
  }

  /** The requests sent between two moments of `performance.now()` in this process. */
  requestsBetween(from: number, to: number): string[] {
    return this.#between(from, to).map(({ method }) => method);
  }

  /**
   * How many acks had come in one after the other, each for a request that was sent after the one before, when `method`
   * was sent for the first time since then. No more round trips than that can have been waited for.
   */
  roundTripsBefore(method: string, from: number): number | null {
    const depths = new Map<Message, number>();
    for (const message of this.#between(from, Infinity)) {
      const before = [...depths].filter(([{ ackedAt }]) => ackedAt !== null && ackedAt < message.at);
      const depth = Math.max(0, ...before.map(([, earlier]) => earlier + 1));
      if (message.method === method) return depth;
      depths.set(message, depth);
    }
    return null;
  }

  #between(from: number, to: number): Message[] {
    return this.messages.filter(({ at }) => at >= from && at <= to);
  }

  #sent(key: string, method: string): void {
    const message = { at: performance.now(), method, ackedAt: null };
    this.messages.push(message);
    this.#open.set(key, message);
  }

  #answered(key: string): void {
    const message = this.#open.get(key);
    if (message) message.ackedAt = performance.now();
  }
}
