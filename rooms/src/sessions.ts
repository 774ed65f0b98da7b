import { type Answer, AmphiError, type LeaveReason, type Relay } from '@amphi/protocol';
import { admissionOf, type Credentials, identify, noSuchRoom } from './admission.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { RoomDirectory } from './directory.ts';
import { Counts } from './counts.ts';
import { createDispatcher } from './dispatch.ts';
import type { ServerFeature } from './feature.ts';
import { type GuessLimit, Guesses } from './guesses.ts';
import type { Logger } from './logger.ts';
import type { Passes } from './passes.ts';
import { Session } from './session.ts';
import type { RoomStore } from './store.ts';
import { newSessionId, newToken, tokenHash } from './tokens.ts';

export type SessionManagerOptions = {
  directory: RoomDirectory;
  cluster: Cluster;
  features: readonly ServerFeature[];
  /** What identities and bans are looked up in. */
  store: RoomStore;
  passes: Passes;
  /** STUN and TURN servers for a session. */
  relay?(sessionId: string): Relay;
  /** Keys the hashes of resume tokens. */
  tokenKey: Buffer;
  resumeWindowMs: number;
  /** Counts wrong names of rooms, host keys, tokens and passwords; nobody does by default. */
  guessLimit?: GuessLimit;
  /** Sessions that one network address may have at once. */
  maxPerAddress: number;
  logger: Logger;
  clock?: Clock;
  requestTimeoutMs?: number;
  /** A request was answered, so many milliseconds after it came. */
  onAnswer?(method: string, answer: Answer, tookMs: number): void;
  /** A session is over, and with it all that was given to it. */
  onEnd?(sessionId: string): void;
};

export type ConnectOptions = Credentials & {
  room: string;
  resume?: { token: string; seq: number } | undefined;
  /** The other end's network address. */
  address: string;
};

export type Connected = {
  session: Session;
  /** Resumes this session later. */
  token: string;
  /** Whether this is the session that the token was for. */
  resumed: boolean;
  /** The last event that the client has. */
  seq: number;
};

/** All sessions of this node: makes them, finds them again by their token, ends them. */
export interface SessionManager {
  /** Rejects with `room-not-found` (also for a room that does not let this person in), `unauthorized`, `room-full`, `rate-limited` (too many from this address, or too many wrong guesses), `draining`, `media-unavailable`. */
  connect(options: ConnectOptions): Promise<Connected>;
  readonly size: number;
  /** From now on only rooms with somebody in them take more people, and sessions can be resumed. */
  drain(): void;
  /** Ends all sessions; from now on connections are refused. */
  close(reason: LeaveReason): void;
}

/** How long every refusal of a room takes. */
const REFUSE_AFTER_MS = 150;

export function createSessionManager(options: SessionManagerOptions): SessionManager {
  const { directory, cluster, logger } = options;
  const clock = options.clock ?? systemClock;
  const dispatcher = createDispatcher({ features: options.features, logger, clock });
  const byToken = new Map<string, Session>();
  const perAddress = new Counts();
  const guesses = new Guesses(options.guessLimit);
  let draining = false;
  let closed = false;

  const unsubscribe = cluster.subscribe('session.replaced', ({ tokenHash: hash }) =>
    byToken.get(hash)?.end('replaced'),
  );

  async function resume(room: string, token: string): Promise<Session | undefined> {
    const hash = tokenHash(token, options.tokenKey);
    const session = byToken.get(hash);
    if (session) return session.room.id === room ? session : undefined;
    // Media lives on the node that holds the session, so here it can only begin anew; over there it ends.
    const node = await cluster.nodeOfSession(hash);
    if (node !== undefined && node !== cluster.nodeId) await cluster.publish('session.replaced', { tokenHash: hash });
    return undefined;
  }

  async function open(
    roomId: string,
    credentials: Credentials,
    address: string,
  ): Promise<{ session: Session; token: string }> {
    const key = options.tokenKey;
    if (draining && !directory.liveRoom(roomId)?.size) throw drainingError();
    const record = directory.lookup(roomId);
    const person = await identify(record, credentials, address, { ...options, key });
    // Whom it is closed to does not even bring it to life.
    if (admissionOf(record, person) === 'closed') throw noSuchRoom();
    const { room, leave } = await directory.enter(roomId);
    if (room.admissionOf(person) === 'closed') {
      leave();
      throw noSuchRoom();
    }
    if (closed || room.isFullFor(person.audience === true)) {
      leave();
      throw closed ? drainingError() : new AmphiError('room-full', 'the room has as many people as it may have');
    }
    const token = newToken();
    const hash = tokenHash(token, options.tokenKey);
    const session = new Session({
      id: newSessionId(),
      room,
      person,
      governor: directory.governor(roomId),
      guessPassword: (isRight) => guesses.one(address, isRight),
      pass: (claims) => options.passes.issue({ ...claims, room: roomId, kind: 'pass' }),
      relay: (id) => options.relay?.(id) ?? { iceServers: [], expiresInMs: null },
      dispatcher,
      clock,
      resumeWindowMs: options.resumeWindowMs,
      requestTimeoutMs: options.requestTimeoutMs,
      onAnswer: options.onAnswer,
      onEnd: (reason) => {
        logger.info({ sessionId: session.id, roomId, reason }, 'session ended');
        byToken.delete(hash);
        perAddress.remove(address);
        leave();
        options.onEnd?.(session.id);
        forget(cluster.releaseSession(hash), 'a session could not be released');
      },
    });
    byToken.set(hash, session);
    room.enter(session);
    forget(cluster.claimSession(hash), 'a session could not be announced');
    logger.info({ sessionId: session.id, roomId }, 'session began');
    return { session, token };
  }

  /** A refusal comes after the same time whatever it is for, so that the time tells nothing of it. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    // The true time: a clock of a test stands still.
    const since = performance.now();
    try {
      return await work();
    } catch (error) {
      if (error instanceof AmphiError && error.code === 'room-not-found') {
        const rest = REFUSE_AFTER_MS - (performance.now() - since);
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      }
      throw error;
    }
  }

  function forget(work: Promise<void>, message: string): void {
    work.catch((error: unknown) => logger.error({ err: error }, message));
  }

  return {
    get size() {
      return byToken.size;
    },

    async connect({ room, resume: wanted, address, ...credentials }) {
      if (closed) throw drainingError();
      const known = wanted && (await resume(room, wanted.token));
      if (known) return { session: known, token: wanted.token, resumed: true, seq: wanted.seq };
      if (perAddress.of(address) >= options.maxPerAddress) {
        throw new AmphiError('rate-limited', 'too many sessions from this address', { retryAfterMs: 10_000 });
      }
      perAddress.add(address);
      try {
        const opened = await guesses.watch(address, () => patiently(() => open(room, credentials, address)));
        return { ...opened, resumed: false, seq: 0 };
      } catch (error) {
        perAddress.remove(address);
        throw error;
      }
    },

    drain() {
      draining = true;
    },

    close(reason) {
      closed = true;
      unsubscribe();
      for (const session of byToken.values()) session.end(reason);
    },
  };
}

function drainingError(): AmphiError {
  return new AmphiError('draining', 'the server is shutting down', { retryAfterMs: 3000 });
}
