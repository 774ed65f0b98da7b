import type { IncomingMessage } from 'node:http';
import { AmphiError } from '@amphi/protocol';
import type { Logger } from '@amphi/rooms';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Config } from '../config/schema.ts';
import type { Metrics } from '../metrics.ts';
import type { Library } from '@amphi/egress';
import type { Playback } from '../whep/playback.ts';
import type { Shares } from '../recordings/shares.ts';
import type { Ingest } from '../whip/ingest.ts';
import { createSignIn, type SignInOptions } from '../oidc/routes.ts';
import { type AdminOptions, createAdmin } from './admin.ts';
import { type ApiOptions, createApi, refusal } from './api.ts';
import type { Covers } from '../covers/covers.ts';
import { createCoverRoutes } from './covers.ts';
import { createFiles } from './files.ts';
import { createLimit } from './limits.ts';
import { createDownloads } from './recordings.ts';
import { createRoomRecordings, type RoomRecordingsOptions } from './room-recordings.ts';
import { createShareApi } from './shares.ts';
import { type ApiV1Options, createApiV1 } from './v1/index.ts';
import { createWatchHtml } from './watch-html.ts';
import { createWhep } from './whep.ts';
import { createWhip } from './whip.ts';

export type AppOptions = ApiOptions & {
  ingest: Ingest;
  playback: Playback;
  /** The folder of the built web app. */
  webRoot: string;
  metrics: Metrics;
  library: Library;
  covers: Covers;
  shares: Shares;
  identify: RoomRecordingsOptions['identify'];
  /** What serves an audience beside WebRTC. */
  live: Hono<Env>;
  /** Whether everybody may see a picture of what is live in a room. */
  hasThumbnail(roomId: string): boolean;
  showMetrics: Config['metrics'];
  admin: Omit<AdminOptions, 'site' | 'addressOf' | 'logger' | 'directory'>;
  /** Whether the request comes from this very machine, and not for somebody else by way of a proxy. */
  isLocal(request: IncomingMessage): boolean;
  logger: Logger;
  /** What the REST API has beside what pages have. */
  v1: Omit<ApiV1Options, keyof ApiOptions | 'library' | 'shares'>;
  signIn: Pick<SignInOptions, 'config' | 'key'>;
};

type Env = { Bindings: HttpBindings };

/** The web server: the app's pages and files, the API, health and metrics. */
export function createApp(options: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  const files = createFiles(options.webRoot);
  const watchHtml = createWatchHtml(options.webRoot);

  app.get('/healthz', (c) => {
    c.header('Cache-Control', 'no-store');
    return options.isDraining() ? c.json({ status: 'draining' }, 503) : c.json({ status: 'ok' });
  });

  app.get('/metrics', async (c) => {
    const isOpen = options.showMetrics === 'all' || options.isLocal(c.env.incoming);
    if (options.showMetrics === 'off' || !isOpen)
      return c.json({ error: { code: 'not-found', message: 'not here' } }, 404);
    return c.body(await options.metrics.render(), 200, { 'Content-Type': options.metrics.contentType });
  });

  app.route('/api/admin', createAdmin({ ...options, ...options.admin }));
  app.route('/api/v1', createApiV1({ ...options, ...options.v1 }));
  app.route('/api', createRoomRecordings({ ...options, audit: options.v1.store.audit }));
  app.route('/api/shares', createShareApi(options));
  app.route('/api', createApi(options));
  app.route('/whip', createWhip({ ...options, limit: createLimit(options.limits.requestsPerMinute, 60) }));
  app.route('/whep', createWhep({ ...options, limit: createLimit(options.limits.requestsPerMinute, 60) }));
  app.route('/auth', createSignIn({ ...options, ...options.signIn }));
  app.route('/covers', createCoverRoutes({ ...options, limit: createLimit(options.limits.requestsPerMinute, 60) }));
  app.route('/live', options.live);
  app.route('/recordings', createDownloads(options.library));

  const page = (status: 200 | 404) => async (c: Context<Env>) =>
    (await file(c, '/index.html', status)) ??
    c.text('The web app is not built. Start the server with "npm start", which builds it.\n', 503);

  app.get('/', page(200));
  app.get('/r/:room', page(200));
  app.get('/r/:room/recordings', page(200));
  app.get('/s/:share', page(200));
  app.get('/admin', page(200));
  app.get('/diag', page(200));
  app.get('/w/:room', async (c) => {
    const index = await files.get('/index.html', 'identity');
    if (!index) return page(200)(c);
    const room = c.req.param('room').toLowerCase();
    const image = options.hasThumbnail(room)
      ? `${options.site.origin(c.env.incoming)}/live/${encodeURIComponent(room)}/thumb.jpg`
      : undefined;
    c.header('Cache-Control', 'no-cache');
    return c.html(await watchHtml(index.body, index.etag, image));
  });
  app.get('*', async (c) => (await file(c, c.req.path, 200)) ?? (await page(404)(c)));
  app.notFound((c) => c.json({ error: { code: 'not-found', message: 'there is nothing here' } }, 404));

  app.onError((error, c) => {
    if (error instanceof AmphiError) return refusal(c, error);
    options.logger.error({ err: error, path: c.req.path }, 'an HTTP request failed');
    return refusal(c, new AmphiError('internal', 'the server failed at this request'));
  });

  async function file(c: Context<Env>, path: string, status: 200 | 404): Promise<Response | undefined> {
    const content = await files.get(path, c.req.header('accept-encoding') ?? '');
    if (!content) return undefined;
    // Vite puts a hash of the content into the names of what it builds; nothing else is safe to keep.
    const isHashed = path.startsWith('/assets/');
    c.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    c.header('Vary', 'Accept-Encoding');
    c.header('ETag', content.etag);
    if (status === 200 && c.req.header('if-none-match') === content.etag) return c.body(null, 304);
    c.header('Content-Type', content.type);
    if (content.encoding !== 'identity') c.header('Content-Encoding', content.encoding);
    return c.body(content.body, status);
  }

  return app;
}
