import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from '@amphi/protocol/api';
import type { TestServer } from './server.ts';

export type Reply = { status: number; body: Record<string, unknown>; headers: Headers };

/** The REST API of a server, as whoever holds a key sees it; with the key of its data folder by default. */
export class Api {
  readonly #url: string;
  readonly #key: string;

  constructor(server: Pick<TestServer, 'url' | 'dataDir'>, key = adminKey(server.dataDir)) {
    this.#url = server.url;
    this.#key = key;
  }

  async ask(verb: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.#url}/api/v1${path}`, {
      method: verb.toUpperCase(),
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, body: isJson ? JSON.parse(text) : { text }, headers: response.headers };
  }

  /** As `ask`, for what has to work. */
  async do<T = Record<string, never>>(verb: string, path: string, body?: unknown): Promise<T> {
    const reply = await this.ask(verb, path, body);
    if (reply.status >= 300) throw new Error(`${verb} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body as T;
  }

  /** Makes a key that is good for these. */
  async key(scopes: readonly Scope[], days?: number): Promise<{ id: string; key: string }> {
    return this.do('post', '/keys', { name: 'test', scopes, days });
  }
}

function adminKey(dataDir: string): string {
  return (JSON.parse(readFileSync(join(dataDir, 'admin.json'), 'utf8')) as { key: string }).key;
}
