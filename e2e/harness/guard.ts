import type { BrowserContext } from '@playwright/test';

/** Addresses that never leave the browser. */
const INTERNAL = new Set(['about:', 'blob:', 'data:']);

/** Notes every request of a context that goes anywhere but to the server, WebSockets and STUN servers included. */
export class Guard {
  readonly foreign: string[] = [];
  readonly #hosts = new Set<string>();

  /** Counts this origin as the server's own. */
  allow(origin: string): void {
    this.#hosts.add(new URL(origin).host);
  }

  watch(context: BrowserContext): void {
    context.on('request', (request) => this.#check(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => this.#check(socket.url())));
  }

  /** STUN and TURN addresses, which are not among the requests. */
  checkIce(urls: readonly string[]): void {
    for (const url of urls) {
      const host = url.replace(/^(stuns?|turns?):/, '').replace(/\?.*$/, '');
      if (!this.#hosts.has(host)) this.foreign.push(url);
    }
  }

  #check(address: string): void {
    const url = new URL(address);
    if (!INTERNAL.has(url.protocol) && !this.#hosts.has(url.host)) this.foreign.push(address);
  }
}
