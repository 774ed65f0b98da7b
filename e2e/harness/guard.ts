import type { BrowserContext } from '@playwright/test';

/** Addresses that never leave the browser. */
const INTERNAL = new Set(['about:', 'blob:', 'data:']);

/** Notes every request of a context that goes anywhere but to the server, WebSockets and STUN servers included. */
export class Guard {
  readonly foreign: string[] = [];
  readonly #hosts = new Set<string>();
  /** Without ports: the relay is on the server's machine, on ports of its own. */
  readonly #machines = new Set<string>();

  /** Counts this origin as the server's own. */
  allow(origin: string): void {
    const { host, hostname } = new URL(origin);
    this.#hosts.add(host);
    this.#machines.add(hostname);
  }

  watch(context: BrowserContext): void {
    context.on('request', (request) => this.#check(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => this.#check(socket.url())));
  }

  /** STUN and TURN addresses, which are not among the requests. */
  checkIce(urls: readonly string[]): void {
    for (const url of urls) {
      const machine = /^(?:stuns?|turns?):(.+?)(?::\d+)?(?:\?.*)?$/.exec(url)?.[1];
      if (machine === undefined || !this.#machines.has(machine)) this.foreign.push(url);
    }
  }

  #check(address: string): void {
    const url = new URL(address);
    if (!INTERNAL.has(url.protocol) && !this.#hosts.has(url.host)) this.foreign.push(address);
  }
}
