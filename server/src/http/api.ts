import type { IncomingMessage } from 'node:http';
import {
  AmphiError,
  createRoomInput,
  type CreateRoomOutput,
  type ErrorBody,
  type RoomInfo,
  roomId,
  type SessionInfo,
} from '@amphi/protocol';
import { type GuessLimit, noSuchRoom, type RoomDirectory } from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Config } from '../config/schema.ts';
import type { Site } from '../net/site.ts';
import type { Accounts } from '../oidc/accounts.ts';
import { readJson } from './json.ts';
import { createLimit } from './limits.ts';
import { STATUS } from './status.ts';

export type ApiOptions = {
  directory: RoomDirectory;
  site: Site;
  limits: Config['limits'];
  /** Counts wrong names of rooms. */
  guessLimit: GuessLimit;
  /** What limits are counted by. */
  addressOf(request: IncomingMessage): string;
  isDraining(): boolean;
  accounts: Accounts;
  /** Whether people can sign in here. */
  canSignIn: boolean;
};

type Env = { Bindings: HttpBindings };

const MAX_BODY = 4096;

/** What pages need before there is a socket: make a room, look one up. */
export function createApi(options: ApiOptions): Hono<Env> {
  const { directory, site, limits } = options;
  const anyRequest = createLimit(limits.requestsPerMinute, 60);
  const newRoom = createLimit(limits.roomsPerHour, 3600);
  const api = new Hono<Env>();

  api.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    // Who comes to a call that goes on may look it up.
    if (options.isDraining() && c.req.method !== 'GET')
      throw new AmphiError('draining', 'the server is shutting down', { retryAfterMs: 3000 });
    if (!site.allows(c.env.incoming)) throw new AmphiError('forbidden', 'this origin may not use this server');
    await anyRequest(options.addressOf(c.env.incoming));
    await next();
  });

  api.post('/rooms', bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }), async (c) => {
    const parsed = createRoomInput.safeParse(await readJson(c));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new AmphiError('bad-request', issue?.message ?? 'not valid', { path: issue?.path.join('.') });
    }
    await options.accounts.checkCreator(c.env.incoming);
    await newRoom(options.addressOf(c.env.incoming));
    const { record, hostKey } = await directory.create(parsed.data);
    const url = `${site.origin(c.env.incoming)}/r/${record.id}`;
    return c.json<CreateRoomOutput>({ id: record.id, url, hostKey, hostUrl: `${url}#host=${hostKey}` }, 201);
  });

  api.get('/rooms/:id', async (c) => {
    const address = options.addressOf(c.env.incoming);
    await options.guessLimit.check(address);
    const found = find(c.req.param('id'));
    if (!found) {
      await options.guessLimit.failed(address);
      throw noSuchRoom();
    }
    return c.json<RoomInfo>(found);
  });

  /** What anybody may know of a room; nothing of a locked one, which lets nobody in. */
  function find(name: string): RoomInfo | undefined {
    const parsed = roomId.safeParse(name);
    if (!parsed.success) return undefined;
    try {
      const { id, policy } = directory.lookup(parsed.data);
      return policy.locked ? undefined : { id, policy };
    } catch {
      return undefined;
    }
  }
  api.get('/session', async (c) => {
    const account = await options.accounts.of(c.env.incoming);
    return c.json<SessionInfo>({
      signIn: options.canSignIn ? '/auth/login' : null,
      account: account ? { name: account.name ?? null } : null,
      mayCreate: await options.accounts.mayCreate(c.env.incoming),
    });
  });

  api.all('*', () => {
    throw new AmphiError('not-found', 'there is nothing at this address of the API');
  });

  return api;
}

/** The answer for a refusal. */
export function refusal(c: Context, error: AmphiError): Response {
  if (error.retryAfterMs !== undefined) c.header('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)));
  return c.json<{ error: ErrorBody }>({ error: error.toBody() }, STATUS[error.code] ?? 500);
}

function tooLarge(): never {
  throw new AmphiError('too-large', `the body may have at most ${MAX_BODY} bytes`);
}
