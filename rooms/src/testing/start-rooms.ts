import { randomBytes } from 'node:crypto';
import { AmphiError, type Answer, roomPolicy } from '@amphi/protocol';
import type { Credentials } from '../admission.ts';
import { createMemoryCluster, type MemoryCluster } from '../cluster.ts';
import { createRoomDirectory, type RoomDirectory } from '../directory.ts';
import type { SeatsOptions } from '../seats.ts';
import { hostKeyHash as hashOf } from '../secrets.ts';
import type { ServerFeature } from '../feature.ts';
import type { PassClaims, Passes } from '../passes.ts';
import type { Session } from '../session.ts';
import { createSessionManager, type SessionManager } from '../sessions.ts';
import { openRoomStore, type RoomStore } from '../store.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLink } from './fake-link.ts';
import { FakePlane, type FakeRoomMedia } from './fake-media.ts';
import { quietLogger } from './quiet-logger.ts';

export type TestRooms = {
  clock: FakeClock;
  plane: FakePlane;
  store: RoomStore;
  cluster: MemoryCluster;
  directory: RoomDirectory;
  sessions: SessionManager;
  logger: ReturnType<typeof quietLogger>;
  /** The fake media of a room that came to life. */
  media(roomId: string): FakeRoomMedia;
  /** Connects to a room. */
  connect(
    roomId: string,
    resume?: { token: string; seq: number },
    credentials?: Credentials,
  ): Promise<{ session: Session; link: FakeLink; token: string; resumed: boolean }>;
};

/** The key of the host link of the room `lab`. */
export const HOST_KEY = 'host-key-of-the-lab';

/** All of rooms, over fake media and a fake clock, with the room `lab` in it. */
export function startRooms(
  options: {
    features?: readonly ServerFeature[];
    cluster?: MemoryCluster;
    store?: RoomStore;
    tokenKey?: Buffer;
    maxPerAddress?: number;
    audience?: SeatsOptions;
    onAnswer?: (method: string, answer: Answer) => void;
  } = {},
): TestRooms {
  const clock = new FakeClock();
  const plane = new FakePlane();
  const logger = quietLogger();
  const cluster = options.cluster ?? createMemoryCluster();
  const store = options.store ?? openRoomStore(':memory:');
  const features = options.features ?? [];
  const defaults = { direct: true, capacity: 4 };
  const directory = createRoomDirectory({
    store,
    cluster,
    plane,
    features,
    defaults,
    ...(options.audience ? { audience: options.audience } : {}),
    retentionDays: 30,
    logger,
    clock,
  });
  if (!store.get('lab')) {
    const policy = roomPolicy.parse(defaults);
    const hostKeyHash = hashOf(HOST_KEY);
    store.insert({ id: 'lab', policy, passwordHash: null, hostKeyHash, createdAt: 0, usedAt: clock.now() });
  }
  const sessions = createSessionManager({
    directory,
    cluster,
    features,
    store,
    passes: fakePasses(clock),
    tokenKey: options.tokenKey ?? randomBytes(32),
    resumeWindowMs: 60_000,
    maxPerAddress: options.maxPerAddress ?? 100,
    logger,
    clock,
    onAnswer: options.onAnswer,
  });

  return {
    clock,
    plane,
    store,
    cluster,
    directory,
    sessions,
    logger,
    media: (roomId) => plane.room(roomId),
    async connect(room, resume, credentials) {
      const { session, token, resumed, seq } = await sessions.connect({
        room,
        resume,
        address: '192.0.2.1',
        ...credentials,
      });
      const link = new FakeLink();
      session.attach(link, seq);
      return { session, link, token, resumed };
    },
  };
}

/** Passes that anybody could read and write. */
function fakePasses(clock: FakeClock): Passes {
  return {
    issue: async (claims) => JSON.stringify({ ...claims, issuedAt: clock.now() }),
    async verify(token) {
      try {
        return JSON.parse(token) as PassClaims;
      } catch {
        throw new AmphiError('unauthorized', 'not a token');
      }
    },
  };
}

let requests = 0;

/** Sends a request and waits for the answer. */
export function call(session: Session, method: string, data: unknown = {}, id = `r${++requests}`): Promise<Answer> {
  return new Promise((resolve) => session.request({ id, method, data }, resolve));
}
