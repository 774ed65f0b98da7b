import type { IncomingMessage } from 'node:http';
import { AmphiError } from '@amphi/protocol';
import { type Endpoint, recordingEndpoints } from '@amphi/protocol/api';
import {
  admissionOf,
  type Credentials,
  type GuessLimit,
  Guesses,
  identify,
  mayDo,
  noSuchRoom,
  type RoomDirectory,
} from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Caller } from '../keys/keys.ts';
import type { Site } from '../net/site.ts';
import type { Accounts } from '../oidc/accounts.ts';
import { createLimit } from './limits.ts';
import type { Call } from './v1/handlers.ts';
import { answerOf, readInput } from './v1/input.ts';
import { recordingHandlers, type RecordingHandlerOptions } from './v1/recordings.ts';

export type RoomRecordingsOptions = RecordingHandlerOptions & {
  directory: RoomDirectory;
  /** What people are known by. */
  identify: Parameters<typeof identify>[3];
  accounts: Accounts;
  site: Site;
  limits: { requestsPerMinute: number };
  guessLimit: GuessLimit;
  addressOf(request: IncomingMessage): string;
};

type Env = { Bindings: HttpBindings };
type Handler = (input: { params: unknown; query: unknown; body: unknown }, call: Call) => unknown;

const MAX_BODY = 4096;

/**
 * What the page of recordings asks, below `/api/rooms/{room}/recordings`: the same endpoints as those of the REST API, for
 * people who may record in that room. They show what brings them into the room: a host key, a token or pass, an account.
 */
export function createRoomRecordings(options: RoomRecordingsOptions): Hono<Env> {
  const { directory, site, accounts } = options;
  const anyRequest = createLimit(options.limits.requestsPerMinute, 60);
  const guesses = new Guesses(options.guessLimit);
  const handlers = recordingHandlers(options);
  const api = new Hono<Env>();

  for (const [name, endpoint] of Object.entries(recordingEndpoints) as [keyof typeof recordingEndpoints, Endpoint][]) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    api.on(endpoint.verb.toUpperCase(), path, bodyLimit({ maxSize: MAX_BODY, onError: tooLarge }), async (c) => {
      c.header('Cache-Control', 'no-store');
      if (!site.allows(c.env.incoming)) throw new AmphiError('forbidden', 'this origin may not use this server');
      const address = options.addressOf(c.env.incoming);
      await anyRequest(address);
      const input = await readInput(c, endpoint);
      const { room } = input.params as { room: string };
      const caller = await guesses.watch(address, () => callerOf(c, room, address));
      // The input was made by the same endpoint's schemas.
      const handle = handlers[name] as Handler;
      const { status, body } = answerOf(endpoint, await handle(input, { caller, origin: site.origin(c.env.incoming) }));
      if (status === 204) return c.body(null, 204);
      return c.body(body, status, { 'Content-Type': 'application/json' });
    });
  }

  /** Rejects with `room-not-found`, `unauthorized` or `forbidden`. */
  async function callerOf(c: Context<Env>, roomId: string, address: string): Promise<Caller> {
    const record = directory.lookup(roomId);
    const person = await identify(record, await credentialsOf(c, roomId), address, options.identify);
    if (admissionOf(record, person) === 'closed') throw noSuchRoom();
    if (!mayDo('record', person.role, person.exceptions, record.policy)) {
      throw new AmphiError('forbidden', 'only those who may record in this room see its recordings');
    }
    const { identity, role } = person;
    const name = person.name ?? 'Host';
    return { id: identity, name, scopes: ['recordings'], actor: { identity, name, role } };
  }

  /** Rejects with `unauthorized` for a header that says nothing. */
  async function credentialsOf(c: Context<Env>, room: string): Promise<Credentials> {
    const header = c.req.header('authorization');
    if (header === undefined) return { token: await accounts.tokenFor(c.env.incoming, room) };
    const [, scheme, secret] = /^(Host|Bearer) ([\w.-]{1,4096})$/.exec(header) ?? [];
    if (secret === undefined) throw new AmphiError('unauthorized', 'send Authorization: Host KEY, or Bearer TOKEN');
    return scheme === 'Host' ? { hostKey: secret } : { token: secret };
  }

  return api;
}

function tooLarge(): never {
  throw new AmphiError('too-large', `the body may have at most ${MAX_BODY} bytes`);
}
