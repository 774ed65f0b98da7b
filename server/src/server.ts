import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { methods } from '@amphi/features/protocols.ts';
import { createServerFeatures } from '@amphi/features/servers.ts';
import { TranscodeBudget } from '@amphi/egress';
import { createMediaPlane } from '@amphi/media';
import {
  createMemoryCluster,
  createRoomDirectory,
  createSessionManager,
  type Logger,
  openRoomStore,
  systemClock,
} from '@amphi/rooms';
import { createStatusReporter } from './admin-status.ts';
import { pageAddresses } from './banner.ts';
import type { Config } from './config/schema.ts';
import { loadSecrets, openDataFolder } from './data-folder.ts';
import { FatalError, messageOf } from './fatal.ts';
import { createInspector } from './ingest/inspector.ts';
import { createPublishers } from './ingest/publishers.ts';
import { createFigures } from './figures.ts';
import { createCovers } from './covers/covers.ts';
import { createAdminSessions } from './http/admin-sessions.ts';
import { createApp } from './http/app.ts';
import { createSecurityHeaders, secureAnswers } from './http/headers.ts';
import { createGuessLimit, createLimit } from './http/limits.ts';
import { createLive } from './live/live.ts';
import { closeWebServer, createWebServer, listen, watchConnections } from './http/web-server.ts';
import { createMetrics } from './metrics.ts';
import { addressKey, clientAddress, isLocalRequest, isLoopback, isWildcard, lanAddresses } from './net/addresses.ts';
import { createPasses } from './identity/passes.ts';
import { openAdminFile } from './keys/admin-file.ts';
import { createApiKeys } from './keys/keys.ts';
import { createAccounts } from './oidc/accounts.ts';
import { createOutbound } from './net/outbound.ts';
import { createSite } from './net/site.ts';
import { createPush } from './push/outputs.ts';
import { openRecordings } from './recordings/recordings.ts';
import { createRtmp } from './rtmp/rtmp.ts';
import { passphraseOf } from './srt/passphrase.ts';
import { createSrt, findSrtReceiver } from './srt/srt.ts';
import { createGateway } from './signaling/gateway.ts';
import { openServerStore } from './store/index.ts';
import { prepareTls } from './tls.ts';
import { createRelay, type RelayStatus } from './turn/relay.ts';
import { createWebhooks } from './webhooks/webhooks.ts';
import { createPlayback } from './whep/playback.ts';
import { createIngest } from './whip/ingest.ts';

export type AmphiServer = {
  /** What to open on this machine. */
  readonly url: string;
  readonly addresses: { local: string; others: string[] };
  readonly mediaAddresses: readonly string[];
  readonly selfSigned: boolean;
  /** The relay as it was when all was ready. */
  readonly relay: RelayStatus;
  /** Begins no new call, and resolves when the last one has ended, or after so many milliseconds. */
  drain(withinMs: number): Promise<void>;
  /** Tells everybody, then closes all. Repeating it waits for the same end. */
  close(): Promise<void>;
};

const WEB_ROOT = join(import.meta.dirname, '..', '..', 'web', 'dist');

/** The time over which wrong guesses are counted. */
const GUESS_WINDOW_S = 600;

/** How long clients have to receive that the server stops. */
const FAREWELL_MS = 200;

/** How often it is looked whether the last call has ended. */
const DRAIN_CHECK_MS = 250;

/**
 * Starts a whole Amphi in this process.
 * @throws FatalError where a person has to do something about it.
 */
export async function startServer(options: { config: Config; logger: Logger; webRoot?: string }): Promise<AmphiServer> {
  const { config, logger } = options;
  const closers: (() => void | Promise<void>)[] = [];
  try {
    return await start(config, logger, options.webRoot ?? WEB_ROOT, closers);
  } catch (error) {
    for (const close of closers.toReversed()) await close();
    throw error;
  }
}

async function start(
  config: Config,
  logger: Logger,
  webRoot: string,
  closers: (() => void | Promise<void>)[],
): Promise<AmphiServer> {
  let draining = false;

  openDataFolder(config.dataDir);
  const secrets = loadSecrets(config.dataDir);
  const tls = await prepareTls(config);
  const store = openRoomStore(join(config.dataDir, 'rooms.db'));
  closers.push(() => store.close());
  const serverStore = openServerStore(join(config.dataDir, 'server.db'));
  closers.push(() => serverStore.close());
  const adminFile = openAdminFile(config.dataDir);

  // While the media plane starts its workers, which takes longer.
  const srtReceiver = findSrtReceiver(config);
  const mediaAddresses = announcedAddresses(config);
  const metrics = createMetrics(new Set(Object.keys(methods)));
  const plane = await createMediaPlane({
    ...config.media,
    basePort: config.media.port,
    announcedAddresses: mediaAddresses,
    onConnected: metrics.connected,
    logger,
  }).catch(asFatal);
  closers.push(() => plane.close());

  const relay = await createRelay({
    config,
    logger,
    dataDir: config.dataDir,
    mediaAddresses,
    secret: secrets.turnSecret,
    tls,
  });
  closers.push(() => relay.close());

  const cluster = createMemoryCluster();
  closers.push(() => cluster.close());
  const { retentionDays, room: defaults, resumeWindowMs, limits } = config;
  const webhooks = createWebhooks({
    tables: serverStore.webhooks,
    outbound: createOutbound({ allowed: config.webhooks.allowed }),
    configured: config.webhooks.endpoints,
    logger,
  });
  closers.push(() => webhooks.close());
  const guessLimit = createGuessLimit(limits.wrongGuesses, GUESS_WINDOW_S);
  const { recorder, library, shares } = await openRecordings({
    ...{ config, store, guessLimit, key: secrets.linkKey, logger },
    shareTable: serverStore.shares,
    liveRoom: (id) => directory.liveRoom(id),
    filmProgram: (room, ...wanted) => live.programs.openFilm(room, ...wanted),
  });
  closers.push(() => library.close());
  const addressOf = (request: IncomingMessage) => addressKey(clientAddress(request, config.trustProxy));
  const budget = new TranscodeBudget(config.live.transcodeCores);
  const live = await createLive({
    ...{ config, store, key: secrets.pathKey, directory: () => directory, addressOf, budget, logger },
  });
  metrics.watchLive(live.figures);
  closers.push(() => live.close());
  const covers = createCovers({ values: store.features, clock: systemClock });
  const push = createPush({
    programs: live.programs,
    allowed: config.push.allowed,
    secret: secrets.tokenKey,
    logger,
  });
  const inspector = createInspector({
    directory: () => directory,
    pictureOf: (memberId) => publishers.pictureOf(memberId),
    refusedIn: (roomId) => publishers.refusals.of(roomId),
    clock: systemClock,
  });
  const features = createServerFeatures({
    ...{ recorder, library, covers, push, inspector },
    outputs: push.beside(live.outputs),
    ingest: {
      ports: () => ({ rtmp: rtmp.ports, srt: { port: srt.port } }),
      passphraseOf: (key) => passphraseOf(secrets.srtKey, key),
    },
  });
  const directory = createRoomDirectory({
    store,
    cluster,
    plane,
    features,
    defaults: { direct: defaults.direct, capacity: defaults.capacity },
    audience: { places: defaults.audience, seats: defaults.seats },
    retentionDays,
    auditDays: config.auditDays,
    keptRooms: library.rooms,
    observer: webhooks.observer,
    logger,
  });
  closers.push(() => directory.close());
  closers.push(() => recorder.close());
  directory.prune();
  const passes = createPasses(secrets.tokenKey);
  const sessions = createSessionManager({
    directory,
    cluster,
    features,
    store,
    passes,
    relay: (sessionId) => relay.grant(sessionId),
    tokenKey: secrets.resumeTokenKey,
    resumeWindowMs,
    guessLimit,
    maxPerAddress: limits.sessionsPerAddress,
    logger,
    onAnswer: metrics.answered,
    onEnd: (sessionId) => relay.revoke(sessionId),
  });
  closers.push(() => sessions.close('server-stopping'));
  const figures = createFigures({ directory, sessions, relay, plane });
  metrics.watch(figures);

  const reporter = createStatusReporter(figures);
  closers.push(() => reporter.close());

  const publishers = createPublishers({ directory, store, cluster, clock: systemClock, logger });
  closers.push(() => publishers.close());
  metrics.watchPublishers(() => ({ ...publishers.figures(), freeCores: budget.free }));
  const { rtpCapabilities: capabilities } = plane;
  const publishing = {
    ...{ publishers, guessLimit, budget, clock: systemClock, logger },
    takesH264: (capabilities.codecs ?? []).some(({ mimeType }) => mimeType.toLowerCase() === 'video/h264'),
  };
  const rtmp = await createRtmp({ config, tls, publishing, logger });
  closers.push(() => rtmp.close());
  const srt = await createSrt({ config, ffmpeg: srtReceiver, key: secrets.srtKey, publishing, logger });
  closers.push(() => srt.close());
  const ingest = createIngest({ publishers, relay: (id) => relay.grant(id), capabilities });
  const playback = createPlayback({
    ...{ directory, store, passes, plane, relay, guessLimit, clock: systemClock, logger },
    key: secrets.resumeTokenKey,
    maxPerAddress: limits.sessionsPerAddress,
    maxPerRoom: defaults.audience,
    perFeed: config.media.membersPerRouter,
  });
  closers.push(() => playback.close());

  const site = createSite(config);
  const accounts = createAccounts({ config, passes, key: secrets.tokenKey });
  const app = createApp({
    directory,
    ingest,
    playback,
    site,
    accounts,
    canSignIn: config.oidc.issuer !== undefined,
    signIn: { config, key: secrets.tokenKey },
    limits,
    guessLimit,
    addressOf,
    isLocal: (request) => isLocalRequest(request, config.trustProxy),
    isDraining: () => draining,
    webRoot,
    admin: { sessions: createAdminSessions(secrets.adminSecret), status: () => reporter.read() },
    metrics,
    library,
    covers,
    shares,
    identify: { store, passes, key: secrets.resumeTokenKey },
    live: live.routes,
    hasThumbnail: (id) => live.outputs.find(id, undefined)?.state === 'live',
    showMetrics: config.metrics,
    logger,
    v1: { store, passes, keys: createApiKeys(serverStore.keys, adminFile.key), webhooks, config: config.api },
  });
  const server = createWebServer(app.fetch, tls);
  const securityHeaders = createSecurityHeaders({
    site,
    embedOrigins: config.embedOrigins,
    strictTransport: (request) => site.isTls(request) && !tls?.selfSigned,
  });

  const gateway = createGateway({
    server,
    sessions,
    site,
    allowedOrigins: config.allowedOrigins,
    addressOf,
    accountToken: (request, room) => accounts.tokenFor(request, room),
    connections: createLimit(limits.connectionsPerMinute, 60),
    securityHeaders,
    handshakes: createLimit(limits.connectionsPerMinute * 2, 60),
    flood: {
      perConnection: { burst: limits.messagesPerSecond * 4, perSecond: limits.messagesPerSecond },
      perAddress: { burst: limits.addressMessagesPerSecond * 4, perSecond: limits.addressMessagesPerSecond },
    },
    welcome: {
      resumeWindowMs,
      rtpCapabilities: plane.rtpCapabilities,
      media: mediaSettings(config),
    },
    metrics,
    logger,
  });
  secureAnswers(server, securityHeaders);
  const connections = watchConnections(server, config.trustProxy > 0 ? Infinity : limits.socketsPerAddress);
  await listen(server, config);
  closers.push(() => closeWebServer(server, connections, () => gateway.close()));

  async function drain(withinMs: number): Promise<void> {
    draining = true;
    sessions.drain();
    const deadline = performance.now() + withinMs;
    while (directory.live().some(({ size }) => size > 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS).unref());
    }
  }

  async function stop(): Promise<void> {
    draining = true;
    sessions.close('server-stopping');
    publishers.close();
    playback.close();
    await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    for (const close of closers.toReversed()) await close();
  }

  let stopped: Promise<void> | undefined;
  const addresses = pageAddresses(config, (server.address() as AddressInfo).port, tls !== undefined);
  // A certificate of a name is good under that name only.
  const named = tls !== undefined && !tls.selfSigned ? config.publicUrl : undefined;
  adminFile.announce(named ?? addresses.local, tls?.selfSigned ? tls.cert : undefined);
  return {
    url: addresses.local,
    addresses,
    mediaAddresses,
    selfSigned: tls?.selfSigned ?? false,
    relay: relay.status(),
    drain,
    close: () => (stopped ??= stop()),
  };
}

/** Where browsers are told to send media: what is configured, else where this machine can be reached. */
function announcedAddresses(config: Config): string[] {
  const { announced, listenIp } = config.media;
  if (announced.length > 0) return announced;
  if (!isWildcard(listenIp)) return [listenIp];
  const lan = lanAddresses();
  // Without a network there is nobody else. Firefox sends nothing to loopback, so local pages are told of both.
  const isLocal = lan.length === 0 || (isLoopback(config.host) && config.trustProxy === 0);
  return isLocal ? ['127.0.0.1', ...lan] : lan;
}

function mediaSettings({ media }: Config) {
  const { cameraHeight, cameraFrameRate, screenFrameRate, cameraMaxBitrate, screenMaxBitrate } = media;
  const [videoCodec = 'vp8'] = media.codecs;
  return { videoCodec, cameraHeight, cameraFrameRate, screenFrameRate, cameraMaxBitrate, screenMaxBitrate };
}

function asFatal(error: unknown): never {
  throw new FatalError(messageOf(error));
}
