import type { IncomingMessage } from 'node:http';
import type { Library } from '@amphi/egress';
import { AmphiError } from '@amphi/protocol';
import { type Endpoint, endpoints } from '@amphi/protocol/api';
import type { RoomDirectory, RoomStore } from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { stream } from 'hono/streaming';
import type { Config } from '../../config/schema.ts';
import type { TokenIssuer } from '../../identity/passes.ts';
import type { ApiKeys, Caller } from '../../keys/keys.ts';
import type { Site } from '../../net/site.ts';
import type { Webhooks } from '../../webhooks/webhooks.ts';
import type { Shares } from '../../recordings/shares.ts';
import { createLimit } from '../limits.ts';
import { auditHandlers } from './audit.ts';
import type { Call, FileAnswer } from './handlers.ts';
import { createIdempotency, type Kept } from './idempotency.ts';
import { answerOf, readInput } from './input.ts';
import { keyHandlers, webhookHandlers } from './keys.ts';
import { memberHandlers } from './members.ts';
import { openApi } from './openapi.ts';
import { recordingHandlers } from './recordings.ts';
import { roomHandlers } from './rooms.ts';
import { tokenHandlers } from './tokens.ts';

export type ApiV1Options = {
  directory: RoomDirectory;
  store: Pick<RoomStore, 'audit'>;
  passes: TokenIssuer;
  keys: ApiKeys;
  webhooks: Webhooks;
  library: Library;
  shares: Shares;
  site: Site;
  config: Config['api'];
  /** What limits are counted by. */
  addressOf(request: IncomingMessage): string;
  isDraining(): boolean;
};

type Env = { Bindings: HttpBindings };
type Handler = (input: { params: unknown; query: unknown; body: unknown }, call: Call) => unknown;

const MAX_BODY = 16 * 1024;

/** The REST API, `/api/v1`: what `protocol/src/api` declares, for whoever has an API key. */
export function createApiV1(options: ApiV1Options): Hono<Env> {
  const { directory, store, passes, keys, webhooks, site, config } = options;
  const handlers = {
    ...roomHandlers(directory, options.library),
    ...memberHandlers(directory),
    ...tokenHandlers({ directory, passes, maxMinutes: config.tokenMinutes, audit: store.audit }),
    ...auditHandlers(store.audit),
    ...keyHandlers(keys, store.audit),
    ...webhookHandlers(webhooks, store.audit),
    ...recordingHandlers({ ...options, audit: store.audit }),
  } satisfies Record<keyof typeof endpoints, unknown>;
  const perKey = createLimit(config.requestsPerMinute, 60, 'too many requests with this key');
  const wrongKeys = createLimit(config.wrongKeysPerMinute, 60);
  const idempotency = createIdempotency();
  const api = new Hono<Env>();

  api.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    if (options.isDraining()) throw new AmphiError('draining', 'the server is shutting down', { retryAfterMs: 3000 });
    await next();
  });

  api.get('/openapi.json', (c) => c.json(openApi(site.origin(c.env.incoming))));

  for (const [name, endpoint] of Object.entries(endpoints) as [keyof typeof endpoints, Endpoint][]) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    api.on(endpoint.verb.toUpperCase(), path, bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }), async (c) => {
      const caller = await authenticate(c);
      await perKey(caller.id);
      if (!caller.scopes.includes(endpoint.scope)) {
        throw new AmphiError('forbidden', `this needs a key that is good for ${endpoint.scope}`);
      }
      const input = await readInput(c, endpoint);
      // The input was made by the same endpoint's schemas.
      const handle = handlers[name] as Handler;
      const work = () => handle(input, { caller, origin: site.origin(c.env.incoming) });
      if (endpoint.file) return sendFile(c, (await work()) as FileAnswer);
      const { status, body } = await repeatable(c, caller, name, input, async () => answerOf(endpoint, await work()));
      if (status === 204) return c.body(null, 204);
      return c.body(body, status, { 'Content-Type': 'application/json' });
    });
  }

  api.all('*', () => {
    throw new AmphiError('not-found', 'there is nothing at this address of the API: see /api/v1/openapi.json');
  });

  async function authenticate(c: Context<Env>): Promise<Caller> {
    const [, key] = /^Bearer ([\w-]{1,200})$/.exec(c.req.header('authorization') ?? '') ?? [];
    try {
      if (key === undefined) throw new AmphiError('unauthorized', 'send an API key: Authorization: Bearer amphi_…');
      return keys.verify(key);
    } catch (error) {
      await wrongKeys(options.addressOf(c.env.incoming));
      c.header('WWW-Authenticate', 'Bearer realm="amphi"');
      throw error;
    }
  }

  function repeatable(c: Context<Env>, caller: Caller, name: string, input: unknown, work: () => Promise<Kept>) {
    const key = c.req.header('idempotency-key');
    if (key === undefined || c.req.method !== 'POST') return work();
    if (!/^[\x21-\x7e]{1,100}$/.test(key)) {
      throw new AmphiError('bad-request', 'expected 1 to 100 ASCII characters', { path: 'Idempotency-Key' });
    }
    return idempotency.once({ key: `${caller.id} ${key}`, request: JSON.stringify([name, input]) }, work);
  }

  return api;
}

function sendFile(c: Context<Env>, { type, name, lines }: FileAnswer): Response {
  c.header('Content-Type', type);
  c.header('Content-Disposition', `attachment; filename="${name}"`);
  return stream(c, async (out) => {
    for (const line of lines) await out.write(line);
  });
}

function tooLarge(): never {
  throw new AmphiError('too-large', `the body may have at most ${MAX_BODY} bytes`);
}
