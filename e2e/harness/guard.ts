import type { BrowserContext } from '@playwright/test';

/** Addresses that never leave the browser. */
const INTERNAL = new Set(['about:', 'blob:', 'data:']);

/** Notes every request of a context that goes anywhere but to the server, WebSockets and STUN servers included. */
export class Guard {
  readonly foreign: string[] = [];
  readonly #hosts = new Set<string>();
  /** Without ports: a relay is where the media is, on ports of its own. */
  readonly #relays = new Set<string>();

  /** Counts this origin as the server's own, and the address of its media. */
  allow(origin: string, mediaAddress: string): void {
    this.#hosts.add(new URL(origin).host);
    this.#relays.add(mediaAddress);
  }

  watch(context: BrowserContext): void {
    context.on('request', (request) => this.#check(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => this.#check(socket.url())));
  }

  /** STUN and TURN addresses, which are not among the requests. */
  checkIce(urls: readonly string[]): void {
    for (const url of urls) {
      const address = /^(?:stuns?|turns?):(.+?)(?::\d+)?(?:\?.*)?$/.exec(url)?.[1];
      if (address === undefined || !this.#relays.has(address)) this.foreign.push(url);
    }
  }

  #check(address: string): void {
    const url = new URL(address);
    if (!INTERNAL.has(url.protocol) && !this.#hosts.has(url.host)) this.foreign.push(address);
  }
}
