import type { Server as HttpServer, IncomingMessage } from 'node:http';
import {
  AmphiError,
  type Answer,
  EVENT,
  type EventEnvelope,
  handshake,
  type MediaSettings,
  PROTOCOL_VERSION,
  REQUEST,
  type RtpCapabilities,
} from '@amphi/protocol';
import type { Connected, Link, Logger, Session, SessionManager } from '@amphi/rooms';
import { Server, type Socket } from 'socket.io';
import type { z } from 'zod';
import type { SecurityHeaders } from '../http/headers.ts';
import type { Limit } from '../http/limits.ts';
import type { Metrics } from '../metrics.ts';
import type { Site } from '../net/site.ts';
import { FloodGuard, type FloodGuardOptions } from './flood.ts';

/** The largest message of a client in bytes; a `join` has some 10 KiB. */
const MAX_MESSAGE = 128 * 1024;
/** A flooder gets to hear why it is cut off, and is cut off whether it hears or not. */
const CUT_AFTER_MS = 100;
/** A dead peer is noticed after at most the sum of both. */
const HEARTBEAT_MS = 5000;

export type GatewayOptions = {
  server: HttpServer;
  sessions: SessionManager;
  site: Site;
  /** Origins of other web sites that may connect. */
  allowedOrigins: readonly string[];
  /** What limits are counted by. */
  addressOf(request: Socket['request']): string;
  connections: Limit;
  securityHeaders: SecurityHeaders;
  /** Handshakes beyond this are turned away before they cost anything. */
  handshakes: Limit;
  flood: FloodGuardOptions;
  /** A token for whoever is signed in and brings none. */
  accountToken(request: Socket['request'], room: string): Promise<string | undefined>;
  /** What every welcome says. */
  welcome: {
    resumeWindowMs: number;
    rtpCapabilities: RtpCapabilities;
    media: MediaSettings;
  };
  metrics: Metrics;
  logger: Logger;
};

/** Sessions over Socket.IO: handshakes in, then requests with acks one way and events the other. */
export interface Gateway {
  close(): Promise<void>;
}

/** An Engine.IO socket. */
type Wire = Socket['conn'];

type SocketData = { connected: Connected };
type GatewaySocket = Socket<
  Record<string, (...args: unknown[]) => void>,
  Record<string, (envelope: EventEnvelope) => void>,
  Record<string, never>,
  SocketData
>;

export function createGateway(options: GatewayOptions): Gateway {
  const { logger } = options;
  const guard = new FloodGuard(options.flood);
  const sessions = new WeakMap<object, Session>();
  const io: Server = new Server(options.server, {
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE,
    pingInterval: HEARTBEAT_MS,
    pingTimeout: HEARTBEAT_MS,
    connectTimeout: HEARTBEAT_MS,
    allowRequest: (request, decide) => {
      options.handshakes(options.addressOf(request)).then(
        () => decide(null, true),
        () => decide('too many connections', false),
      );
    },
    cors: options.allowedOrigins.length > 0 ? { origin: [...options.allowedOrigins] } : undefined,
  });

  io.engine.on('headers', (headers: Record<string, string>, request: IncomingMessage) =>
    Object.assign(headers, options.securityHeaders(request)),
  );
  io.use(async (socket, next) => {
    let refused: Error | undefined;
    try {
      socket.data = { connected: await admit(socket, options) };
    } catch (error) {
      refused = refusal(error);
    }
    next(refused);
  });
  io.engine.on('connection', (wire: Wire) => {
    guard.watch(wire, options.addressOf(wire.request), () => cutOff(wire));
  });
  io.on('connection', (socket: GatewaySocket) => {
    sessions.set(socket.conn, socket.data.connected.session);
    serve(socket, options.welcome);
  });

  function cutOff(wire: Wire): void {
    const session = sessions.get(wire);
    logger.warn({ sessionId: session?.id }, 'a connection that sends too much is cut off');
    options.metrics.refused('flood');
    session?.end('protocol-abuse');
    setTimeout(() => {
      wire.close(true);
      // Without the closing handshake, during which it would go on.
      wire.request.socket.destroy();
    }, CUT_AFTER_MS);
  }

  function refusal(error: unknown): Error {
    if (!(error instanceof AmphiError)) logger.error({ err: error }, 'a connection failed');
    const known =
      error instanceof AmphiError ? error : new AmphiError('internal', 'the server failed at this connection');
    options.metrics.refused(known.code);
    return Object.assign(new Error(known.message), { data: known.toBody() });
  }

  return {
    async close() {
      guard.close();
      await io.close();
    },
  };
}

async function admit(socket: Socket, options: GatewayOptions): Promise<Connected> {
  const { request } = socket;
  if (!options.site.allows(request)) throw new AmphiError('forbidden', 'this origin may not connect to this server');
  const address = options.addressOf(request);
  await options.connections(address);
  const { protocol: _, ...wanted } = parse(socket.handshake.auth);
  // On pages of ours only: another site's must not act in the name of who is signed in here.
  const isOwn = options.site.isOwn(request);
  const token = wanted.token ?? (isOwn ? await options.accountToken(request, wanted.room) : undefined);
  return options.sessions.connect({ ...wanted, token, address });
}

function parse(auth: Record<string, unknown>): z.output<typeof handshake> {
  // First of all: another version's handshake may have another shape.
  if (typeof auth.protocol === 'number' && auth.protocol !== PROTOCOL_VERSION) {
    throw new AmphiError(
      'protocol-version',
      `this server speaks version ${PROTOCOL_VERSION} of the protocol: reload the page`,
    );
  }
  const parsed = handshake.safeParse(auth);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AmphiError('bad-request', issue?.message ?? 'the handshake is not valid', { path: issue?.path.join('.') });
}

function serve(socket: GatewaySocket, welcome: GatewayOptions['welcome']): void {
  const { session, token, resumed, seq } = socket.data.connected;
  const link: Link = {
    send: (envelope, volatile) => void (volatile ? socket.volatile : socket).emit(EVENT, envelope),
    close: () => void socket.disconnect(true),
  };
  socket.on(REQUEST, (...args: unknown[]) => {
    // Socket.IO puts the ack last, however many arguments there are; without one nobody waits for an answer.
    const ack = args.at(-1);
    if (typeof ack !== 'function') return;
    const envelope = args.length === 2 ? args[0] : undefined;
    session.request(envelope, (answer: Answer) => void ack(answer));
  });
  socket.on('disconnect', (reason: string) => session.detach(link, howItEnded(reason)));
  const { id, policy } = session.room;
  const { admission, roleInRoom: role, nameByToken: name } = session;
  // A room that was closed meanwhile is said to be so at the join.
  const standing = { admission: admission === 'closed' ? 'lobby' : admission, role, name };
  const data = { sessionId: session.id, resumeToken: token, resumed, ...welcome, room: { id, policy }, ...standing };
  link.send({ seq: 0, name: 'session.welcome', data }, false);
  session.attach(link, seq);
}

/** Socket.IO's reasons: https://socket.io/docs/v4/server-socket-instance/#disconnect */
function howItEnded(reason: string): 'left' | 'closed' | 'silent' {
  if (reason === 'client namespace disconnect') return 'left';
  return reason === 'ping timeout' ? 'silent' : 'closed';
}
