import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type HlsStream, parseHlsName } from '@amphi/egress';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { HlsViewers } from '../live/viewers.ts';
import { rangeOf } from './recordings.ts';

type Env = { Bindings: HttpBindings };
type Rendition = HlsStream['renditions'][number];

export type HlsOptions = {
  /**
   * The stream of a room: the one of that id, or the latest. Undefined where there is none, or where its path has to be
   * signed and is not.
   */
  find(roomId: string, signature: string | undefined, id?: string): HlsStream | undefined;
  viewers: HlsViewers;
  addressOf(request: IncomingMessage): string;
  /** Most requests that may wait at once. */
  maxWaiting?: number;
  /** How long one may wait, in milliseconds: less than the ten seconds after which hls.js gives up. */
  waitMs?: number;
};

export type HlsRoutes = {
  routes: Hono<Env>;
  figures(): { waiting: number; answers: Readonly<Record<HlsKind, number>>; bytes: number };
};
export type HlsKind = 'playlist' | 'part' | 'segment' | 'init' | 'refused';

const PLAYLIST = 'application/vnd.apple.mpegurl';
/** Nothing ever has the name of something else. A day: replays may be deleted. */
const FOR_LONG = 'public, max-age=86400, immutable';
/** What was waited for does not change in what the player waits for. */
const WAITED_FOR = 'public, max-age=6';
const SHORTLY = 'public, max-age=1';
const SIGNED = '~';
const zip = promisify(gzip);

type Text = { plain: Buffer<ArrayBuffer>; etag: string; packed?: Promise<Buffer<ArrayBuffer>> };

/**
 * Low-latency HLS under `/live/<room>/`: `index.m3u8`, and what it names under the id of its stream. All viewers load the
 * same addresses, so that a cache in front serves any number of them; a private event has a signed part in its path.
 */
export function createHls(options: HlsOptions): HlsRoutes {
  const { find, viewers, maxWaiting = 20_000, waitMs = 9000 } = options;
  const routes = new Hono<Env>();
  const answers: Record<HlsKind, number> = { playlist: 0, part: 0, segment: 0, init: 0, refused: 0 };
  const texts = new WeakMap<Rendition, { version: number; texts: Map<string, Text> }>();
  let waiting = 0;
  let bytes = 0;

  routes.use(async (c, next) => {
    // Other players and other sites may read it: there is nothing in it that depends on who asks.
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Access-Control-Expose-Headers', 'Date, Age, ETag');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    await next();
  });
  routes.options('*', (c) => {
    c.header('Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS');
    c.header('Access-Control-Allow-Headers', 'Range');
    c.header('Access-Control-Max-Age', '86400');
    return c.body(null, 204);
  });

  routes.get('/:room/index.m3u8', (c) => index(c, undefined));
  routes.get('/:room/:signature{~[\\w-]+}/index.m3u8', (c) => index(c, c.req.param('signature')));
  routes.get('/:room/:stream/:file', (c) => file(c, undefined));
  routes.get('/:room/:signature{~[\\w-]+}/:stream/:file', (c) => file(c, c.req.param('signature')));
  routes.all('*', (c) => missing(c));

  function index(c: Context<Env>, signature: string | undefined): Promise<Response> | Response {
    const stream = find(c.req.param('room') ?? '', signature?.slice(SIGNED.length));
    if (!stream) return missing(c);
    return multivariant(c, stream, stream.state === 'ended' ? 'replay' : 'live', `${stream.id}/`);
  }

  function file(c: Context<Env>, signature: string | undefined): Promise<Response> | Response {
    const { room = '', stream: id = '', file: name = '' } = c.req.param() as Record<string, string>;
    const stream = find(room, signature?.slice(SIGNED.length), id);
    if (!stream) return missing(c);
    if (name === 'replay.m3u8') return stream.state === 'ended' ? multivariant(c, stream, 'replay', '') : missing(c);
    const [, track = '', isReplay] = /^([a-z]\d*)(-replay)?\.m3u8$/.exec(name) ?? [];
    if (track === '') return media(c, stream, name);
    const rendition = stream.rendition(track);
    if (!rendition) return missing(c);
    if (isReplay === undefined) return live(c, stream, rendition);
    if (stream.state !== 'ended') return missing(c);
    return text(
      c,
      textOf(rendition, 'replay', () => rendition.replay()),
      FOR_LONG.replace('86400, immutable', '60'),
    );
  }

  function multivariant(c: Context<Env>, stream: HlsStream, kind: 'live' | 'replay', prefix: string) {
    if (stream.state === 'starting') return missing(c);
    const playlist = stream.multivariant(kind, prefix);
    return playlist === undefined ? missing(c) : text(c, make(playlist), SHORTLY);
  }

  async function live(c: Context<Env>, stream: HlsStream, rendition: Rendition): Promise<Response> {
    if (stream.state === 'starting') return missing(c);
    const { _HLS_msn: msnText, _HLS_part: partText, _HLS_skip: skip } = c.req.query();
    const [msn, part] = [numberOf(msnText), numberOf(partText)];
    if (Number.isNaN(msn) || Number.isNaN(part) || (part !== undefined && msn === undefined)) {
      return refuse(c, 400, '_HLS_msn and _HLS_part have to be whole numbers, and there is no part without msn\n');
    }
    const who = options.addressOf(c.env.incoming);
    if (rendition.kind === 'video') {
      viewers.saw(`${stream.id}/${rendition.name}`, msn === undefined ? undefined : `${msn}.${part ?? ''}`, who);
    }
    let isThere = stream.state === 'ended';
    if (msn !== undefined && !isThere) {
      if (rendition.isTooFar(msn, part)) return refuse(c, 400, 'this is too far ahead of what there is\n');
      const isReady = () => stream.state === 'ended' || rendition.has(msn, part);
      isThere = await wait(c, rendition, isReady);
      // While the publisher is away players shall go on asking, and wait.
      if (!isThere && !stream.isIdle) return unavailable(c);
    }
    const isDelta = skip === 'YES' || skip === 'v2';
    const others = stream.renditions.flatMap((other) => (other === rendition ? [] : (other.position ?? [])));
    const playlist = textOf(rendition, isDelta ? 'skip' : 'all', () =>
      rendition.playlist(stream.state === 'ended', others, isDelta),
    );
    return text(c, playlist, msn !== undefined && isThere ? WAITED_FOR : SHORTLY);
  }

  /** A part, a segment or an initialisation. */
  async function media(c: Context<Env>, stream: HlsStream, name: string): Promise<Response> {
    const parsed = parseHlsName(name);
    const rendition = parsed && stream.rendition(parsed.track);
    if (!parsed || !rendition) return missing(c);
    const { msn, part, init } = parsed;
    const kind = init !== undefined ? 'init' : part !== undefined ? 'part' : 'segment';
    const isComing = () => part !== undefined && stream.state !== 'ended' && rendition.isHinted(msn, part);
    if (isComing()) {
      await wait(c, rendition, () => !isComing());
      if (isComing()) return unavailable(c);
    }
    const found = rendition.inMemory(name);
    if (found) return send(c, kind, found.length, ({ start, end }) => new Uint8Array(found.subarray(start, end + 1)));
    if (part !== undefined) return missing(c);
    const onDisk = await stream.folder.open(name);
    if (!onDisk) return missing(c);
    return send(c, kind, onDisk.bytes, (range) => Readable.toWeb(onDisk.stream(range)) as ReadableStream<Uint8Array>);
  }

  async function wait(c: Context<Env>, rendition: Rendition, isReady: () => boolean): Promise<boolean> {
    if (isReady()) return true;
    if (waiting >= maxWaiting) return false;
    waiting += 1;
    try {
      return await rendition.waiters.wait(isReady, waitMs, c.req.raw.signal);
    } finally {
      waiting -= 1;
    }
  }

  function send(
    c: Context<Env>,
    kind: HlsKind,
    size: number,
    body: (range: { start: number; end: number }) => Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
  ): Response {
    answers[kind] += 1;
    c.header('Cache-Control', FOR_LONG);
    c.header('Accept-Ranges', 'bytes');
    c.header('Content-Type', kind === 'segment' || kind === 'part' ? 'video/iso.segment' : 'video/mp4');
    const range = rangeOf(c.req.header('range'), size);
    if (range === 'unsatisfiable') {
      c.header('Content-Range', `bytes */${size}`);
      return c.body(null, 416);
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    c.header('Content-Length', `${end - start + 1}`);
    if (range) c.header('Content-Range', `bytes ${start}-${end}/${size}`);
    if (c.req.method === 'HEAD') return c.body(null, range ? 206 : 200);
    bytes += end - start + 1;
    return c.body(body({ start, end }), range ? 206 : 200);
  }

  /** The text of a playlist, which is made and packed once, however many ask for it. */
  function textOf(rendition: Rendition, key: string, render: () => string): Text {
    let entry = texts.get(rendition);
    if (entry?.version !== rendition.version) {
      entry = { version: rendition.version, texts: new Map() };
      texts.set(rendition, entry);
    }
    const known = entry.texts.get(key) ?? make(render());
    entry.texts.set(key, known);
    return known;
  }

  async function text(c: Context<Env>, content: Text, cacheControl: string): Promise<Response> {
    answers.playlist += 1;
    const packs = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(c.req.header('accept-encoding') ?? '');
    const etag = `"${content.etag}${packs ? '-gzip' : ''}"`;
    c.header('Cache-Control', cacheControl);
    c.header('Vary', 'Accept-Encoding');
    c.header('ETag', etag);
    if (c.req.header('if-none-match') === etag) return c.body(null, 304);
    if (packs) content.packed ??= zip(content.plain, { level: 5 });
    const body = packs && content.packed ? await content.packed : content.plain;
    c.header('Content-Type', PLAYLIST);
    c.header('Content-Length', `${body.length}`);
    if (packs) c.header('Content-Encoding', 'gzip');
    if (c.req.method === 'HEAD') return c.body(null);
    bytes += body.length;
    return c.body(new Uint8Array(body));
  }

  /** One answer for what is not live, what was never there and what may not be seen. */
  function missing(c: Context<Env>): Response {
    return refuse(c, 404, 'there is nothing here, or nothing yet\n');
  }

  function unavailable(c: Context<Env>): Response {
    c.header('Retry-After', '1');
    return refuse(c, 503, 'it does not come in time\n');
  }

  function refuse(c: Context<Env>, status: 400 | 404 | 503, why: string): Response {
    answers.refused += 1;
    c.header('Cache-Control', status === 503 ? 'no-store' : SHORTLY);
    return c.text(why, status);
  }

  return { routes, figures: () => ({ waiting, answers: { ...answers }, bytes }) };
}

function make(playlist: string): Text {
  const plain = Buffer.from(playlist);
  return { plain, etag: createHash('sha256').update(plain).digest('base64url').slice(0, 16) };
}

/** Undefined for none, NaN for what is no number. */
function numberOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  return /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
}
