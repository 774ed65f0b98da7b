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

  /**
   * Between two moments of `performance.now()` in this process: the requests sent, and how many round trips had to be
   * waited for one after the other. A request that leaves before an ack has come does not depend on it.
   */
  between(from: number, to: number): { requests: string[]; sequentialRoundTrips: number } {
    const sent = this.messages.filter(({ at }) => at >= from && at <= to);
    const depths = new Map<Message, number>();
    for (const message of sent) {
      const before = sent.filter(({ ackedAt }) => ackedAt !== null && ackedAt < message.at);
      depths.set(message, 1 + Math.max(0, ...before.map((earlier) => depths.get(earlier) ?? 0)));
    }
    const acked = sent.filter(({ ackedAt }) => ackedAt !== null && ackedAt <= to);
    return {
      requests: sent.map(({ method }) => method),
      sequentialRoundTrips: Math.max(0, ...acked.map((message) => depths.get(message) ?? 0)),
    };
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
