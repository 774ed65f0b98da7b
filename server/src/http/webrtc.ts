import type { IncomingMessage } from 'node:http';
import { AmphiError, type ErrorCode, type Relay } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import type { Site } from '../net/site.ts';
import { SdpError } from '../sdp/index.ts';
import type { Limit } from './limits.ts';

/** What WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) have in common on HTTP. */

export const SDP = 'application/sdp';
export const FRAGMENT = 'application/trickle-ice-sdpfrag';

export type Env = { Bindings: HttpBindings };

/** What both are told of the server that they are part of. */
export type FrontOptions = {
  site: Site;
  limit: Limit;
  addressOf(request: IncomingMessage): string;
  isDraining(): boolean;
  logger: Logger;
};

/** What each request passes first: any origin may ask, not too often, and not while the server ends. */
export function front({ limit, addressOf, isDraining }: FrontOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    allowAnyOrigin(c);
    if (isDraining()) return respond(c, new Problem(503, 'the server is shutting down', { 'Retry-After': '3' }));
    if (c.req.method !== 'OPTIONS') await limit(addressOf(c.env.incoming));
    await next();
  };
}

/** The largest body that is read, in bytes; offers of browsers have some 10 KB. */
export const MAX_SDP = 64 * 1024;

type Status = 400 | 401 | 403 | 404 | 405 | 406 | 409 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503;

/** A refusal as problem details (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: Status;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

const TITLES: Record<Status, string> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  428: 'Precondition required',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

const STATUS: Partial<Record<ErrorCode, Status>> = {
  'bad-request': 422,
  forbidden: 403,
  'room-not-found': 404,
  'not-found': 404,
  unauthorized: 401,
  'wrong-state': 409,
  'session-ended': 409,
  'too-large': 413,
  'rate-limited': 429,
  'room-full': 503,
  draining: 503,
  'media-unavailable': 503,
};

/** The answer for whatever was thrown; undefined for a fault of the server's. */
export function problemOf(c: Context, error: unknown): Response | undefined {
  const known = asProblem(error);
  return known && respond(c, known);
}

export function respond(c: Context, problem: Problem): Response {
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  const { status, message: detail } = problem;
  const body = JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail });
  return c.body(body, status, { 'Content-Type': 'application/problem+json' });
}

function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof SdpError) return new Problem(error.status, error.message);
  if (!(error instanceof AmphiError)) return undefined;
  const seconds = Math.ceil((error.retryAfterMs ?? (error.code === 'room-full' ? 30_000 : 0)) / 1000);
  return new Problem(STATUS[error.code] ?? 500, error.message, seconds > 0 ? { 'Retry-After': String(seconds) } : {});
}

/** The bearer token of a request (RFC 6750). */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

export function unauthorized(): Problem {
  return new Problem(401, 'a bearer token that is valid here is needed', {
    'WWW-Authenticate': 'Bearer realm="amphi"',
  });
}

/** Reads the body. @throws Problem for another media type, or more than {@link MAX_SDP} bytes. */
export async function readBody(c: Context, type: string): Promise<string> {
  const given = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (given !== type)
    throw new Problem(415, `the body has to be ${type}`, { 'Accept-Post': SDP, 'Accept-Patch': FRAGMENT });
  if (Number(c.req.header('content-length') ?? 0) > MAX_SDP) throw tooLarge();
  const text = await c.req.text();
  if (Buffer.byteLength(text) > MAX_SDP) throw tooLarge();
  return text;
}

function tooLarge(): Problem {
  return new Problem(413, `the body may have at most ${MAX_SDP} bytes`);
}

/**
 * Any web page may publish or play, as any program may: what counts is the bearer token, which no browser sends by itself.
 */
function allowAnyOrigin(c: Context): void {
  c.header('Access-Control-Allow-Origin', '*');
  c.header('Access-Control-Expose-Headers', 'Location, ETag, Link, Accept-Patch, Retry-After, WWW-Authenticate');
  c.header('Cross-Origin-Resource-Policy', 'cross-origin');
  c.header('Cache-Control', 'no-store');
}

/** The answer to a preflight request, and to whoever asks what can be sent here. */
export function options(c: Context, methods: string, accepts: Record<string, string>): Response {
  c.header('Access-Control-Allow-Methods', methods);
  c.header('Access-Control-Allow-Headers', 'Authorization, Content-Type, If-Match');
  c.header('Access-Control-Max-Age', '86400');
  c.header('Allow', methods);
  for (const [name, value] of Object.entries(accepts)) c.header(name, value);
  return c.body(null, 204);
}

/** STUN and TURN servers as Link headers (RFC 9725, 4.6). */
export function iceServerLinks(relay: Relay): string[] {
  return relay.iceServers.flatMap(({ urls, username, credential }) =>
    [urls].flat().map((url) => {
      const login =
        username === undefined || credential === undefined
          ? ''
          : `; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`;
      return `<${url}>; rel="ice-server"${login}`;
    }),
  );
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/**
 * Checks If-Match, which names an ETag or, with `*`, whatever there is now.
 * @throws Problem 428 without the header, 412 when it is for something older.
 */
export function ifMatch(c: Context, etag: string): void {
  const header = c.req.header('if-match');
  if (header === undefined) throw new Problem(428, 'the header If-Match is needed: the ETag of the last answer');
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.includes(etag) && !tags.includes('*'))
    throw new Problem(412, 'ICE was restarted since: this ETag is an old one', { ETag: etag });
}
