import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A real OpenID provider on this machine, with its own login page, where every name is an account. */
export class TestProvider {
  readonly issuer: string;
  readonly #server: Server;

  private constructor(issuer: string, server: Server) {
    this.issuer = issuer;
    this.#server = server;
  }

  static async start(): Promise<TestProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'amphi',
          client_secret: 'a secret of the test',
          token_endpoint_auth_method: 'client_secret_post',
          // The server's port is known only when it runs; the provider takes any on loopback of a native client.
          application_type: 'native',
          redirect_uris: ['http://127.0.0.1/auth/callback', 'http://localhost/auth/callback'],
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ['sub'], profile: ['name', 'groups'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, name: `${id} of the test`, groups: id === 'boss' ? ['staff', 'hosts'] : ['staff'] }),
      }),
      cookies: { keys: ['a key of the test'] },
    });
    server.on('request', provider.callback());
    return new TestProvider(issuer, server);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A browser's part in a login: follows redirects, keeps cookies by host and port, and fills in forms. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(url: string): string {
    return [...(this.#jars.get(new URL(url).host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** What a `Set-Cookie` said, attributes included, the last one of that name. */
  readonly said = new Map<string, string>();

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: this.cookies(url) },
    });
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/);
      this.said.set(name, line);
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Goes on until a page is there; answers its address and text. */
  async open(url: string, init: RequestInit = {}): Promise<{ url: string; status: number; text: string }> {
    let response = await this.fetch(url, init);
    let here = url;
    for (let hop = 0; hop < 10 && response.status >= 300 && response.status < 400; hop++) {
      here = new URL(response.headers.get('location') ?? '', here).href;
      response = await this.fetch(here);
    }
    return { url: here, status: response.status, text: await response.text() };
  }

  /** Fills in the provider's login and consent forms, up to the page of `origin` at the end. */
  async signIn(start: string, account: string): Promise<{ url: string; status: number; text: string }> {
    const { origin } = new URL(start);
    let page = await this.open(start);
    for (let form = 0; form < 4 && new URL(page.url).origin !== origin; form++) {
      const [, action = ''] = /<form[^>]*action="([^"]+)"/.exec(page.text) ?? [];
      const [, prompt = 'login'] = /name="prompt" value="([^"]+)"/.exec(page.text) ?? [];
      const body = new URLSearchParams({ prompt, login: account, password: 'any' });
      page = await this.open(new URL(action, page.url).href, { method: 'POST', body });
    }
    return page;
  }
}
