import { randomBytes } from 'node:crypto';
import type { AmphiMediaPlane, FeedReceiver, ReceiverOptions } from '@amphi/media';
import { AmphiError, type Relay } from '@amphi/protocol';
import {
  type Clock,
  Counts,
  Guesses,
  type GuessLimit,
  type Logger,
  type Passes,
  type Room,
  type RoomDirectory,
  type RoomStore,
} from '@amphi/rooms';
import { type IceCredentials, type Offer, readOffer, SdpError, writeAnswer, writeOffer } from '../sdp/index.ts';
import { enter, type PlayerIdentity } from './door.ts';
import { agree, answering, asOwn, wantedOf } from './negotiate.ts';
import { type Codecs, Stage } from './stage.ts';
import { Viewer } from './viewer.ts';

export type PlaybackOptions = {
  directory: RoomDirectory;
  store: RoomStore;
  passes: Passes;
  /** Keys what is kept of network addresses. */
  key: Buffer;
  plane: Pick<AmphiMediaPlane, 'openFeed' | 'rtpCapabilities'>;
  /** STUN and TURN servers for a player, until it is gone. */
  relay: { grant(id: string): Relay; revoke(id: string): void };
  guessLimit: GuessLimit;
  /** Players that one network address may have at once. */
  maxPerAddress: number;
  /** Players that one room may have at once. */
  maxPerRoom: number;
  /** Players that share a feed, and so a worker. */
  perFeed: number;
  clock: Clock;
  logger: Logger;
};

/** One connection of a player: what WHEP calls a session. */
export type PlaybackSession = {
  /** Cannot be guessed, and is all that it takes to change the session. */
  readonly id: string;
  readonly roomId: string;
  readonly receiver: FeedReceiver;
  readonly viewer: Viewer;
  /** What the player said; undefined until it has answered a counter-offer. */
  offer: Offer | undefined;
  ice: IceCredentials | undefined;
  /** Names the ICE session; a restart makes another. */
  etag: string;
};

export type OpenOptions = {
  bearer: string | undefined;
  /** The other end's network address. */
  address: string;
  sdp: string;
  /** The player asks for an offer of the server's. */
  counterOffer: boolean;
};

/** What a player is answered: an answer to its offer, or a counter-offer that it has to answer within 30 s. */
export type Opened = { session: PlaybackSession; kind: 'answer' | 'offer'; sdp: string; relay: Relay };

/** After which time it is worth to ask again whether an event is live. */
const ASK_AGAIN_MS = 5000;

/** All programs that play rooms of this node. */
export interface Playback {
  /**
   * Rejects with SdpError, or AmphiError `room-not-found`, `unauthorized`, `wrong-state` (nothing is live now),
   * `room-full`, `rate-limited`, `media-unavailable`.
   */
  open(roomId: string, options: OpenOptions): Promise<Opened>;
  session(id: string): PlaybackSession | undefined;
  /** Takes the answer to a counter-offer. Rejects with SdpError, or `wrong-state` when there was none. */
  answer(session: PlaybackSession, sdp: string): Promise<void>;
  restartIce(session: PlaybackSession, ice: IceCredentials): Promise<void>;
  stop(session: PlaybackSession): void;
  close(): void;
}

export function createPlayback(options: PlaybackOptions): Playback {
  const { directory, clock, logger } = options;
  const { rtpCapabilities } = options.plane;
  const guesses = new Guesses(options.guessLimit);
  const sessions = new Map<string, PlaybackSession>();
  const stages = new Map<Room, Stage>();
  const perAddress = new Counts();

  function stageOf(room: Room): Stage {
    const known = stages.get(room);
    if (known) return known;
    const stage = new Stage({ room, plane: options.plane, perFeed: options.perFeed, clock });
    stages.set(room, stage);
    return stage;
  }

  function forget(room: Room): void {
    if (stages.get(room)?.size === 0) stages.delete(room);
  }

  /** The room, held as long as somebody plays it. */
  async function hold(roomId: string): Promise<{ room: Room; leave: () => void }> {
    // An event in which nobody is has nothing to show: it is not brought to life for that.
    if (directory.lookup(roomId).policy.audience !== 'live' || !directory.liveRoom(roomId)) throw notLive();
    return directory.enter(roomId);
  }

  /** Makes a player one of the audience. `who`: its network address, which counts it until it ends. */
  async function join(roomId: string, id: string, person: PlayerIdentity, who: string) {
    const { room, leave } = await hold(roomId);
    const stage = stageOf(room);
    let isCounted = false;
    try {
      if (stage.size >= options.maxPerRoom)
        throw new AmphiError('room-full', 'as many players as there may be are here');
      const viewer = await Viewer.join({
        ...{ id: `whep-${id.slice(0, 12)}`, room, stage, clock, ...person },
        onEnd(reason) {
          logger.info({ roomId, reason }, 'a player ended');
          sessions.delete(id);
          options.relay.revoke(id);
          if (isCounted) perAddress.remove(who);
          forget(room);
          leave();
        },
      });
      isCounted = true;
      perAddress.add(who);
      logger.info({ roomId }, 'a player came');
      return { stage, viewer };
    } catch (error) {
      forget(room);
      leave();
      throw error;
    }
  }

  async function receive(stage: Stage, viewer: Viewer, codecs: Codecs, how: Pick<ReceiverOptions, 'mids'>) {
    const receiver = await stage.seat(viewer, codecs, {
      ...how,
      onAlive: (alive) => viewer.alive(alive),
      onClosed: () => viewer.end('lost'),
    });
    viewer.receives(receiver);
    return receiver;
  }

  return {
    async open(roomId, { bearer, address, sdp, counterOffer }) {
      const offer = readOffer(sdp);
      const wanted = wantedOf(offer);
      if (perAddress.of(address) >= options.maxPerAddress) {
        throw new AmphiError('rate-limited', 'too many players at this address', { retryAfterMs: 10_000 });
      }
      const person = await enter(roomId, bearer, address, { ...options, guesses });
      const id = randomBytes(18).toString('base64url');
      const { stage, viewer } = await join(roomId, id, person, address);
      try {
        if (stage.ranked('audio').length + stage.ranked('video').length === 0) throw notLive();
        const codecs = agree(wanted, (kind) => stage.ranked(kind), rtpCapabilities);
        const isOwn = counterOffer || !stage.hasRoomFor(codecs);
        const receiver = isOwn
          ? await receive(stage, viewer, asOwn(codecs, rtpCapabilities), { mids: { audio: '0', video: '1' } })
          : await receive(stage, viewer, codecs, answering(wanted, codecs));
        const session: PlaybackSession = {
          ...{ id, roomId, receiver, viewer, etag: newEtag() },
          ...(isOwn ? { offer: undefined, ice: undefined } : { offer, ice: offer.ice }),
        };
        if (!isOwn) await receiver.connect(offer.dtls);
        if (viewer.ended) throw notLive();
        sessions.set(id, session);
        const tracks = receiver.tracks.map((track) => ({ ...track, direction: 'sendonly' as const, stream: 'stage' }));
        const { transport } = receiver;
        const text = isOwn ? writeOffer(transport, tracks) : writeAnswer(offer, transport, tracks);
        return { session, kind: isOwn ? 'offer' : 'answer', sdp: text, relay: options.relay.grant(id) };
      } catch (error) {
        viewer.end('lost');
        throw error;
      }
    },

    session: (id) => sessions.get(id),

    async answer(session, sdp) {
      if (session.offer) throw new AmphiError('wrong-state', 'there is no offer of this server to be answered');
      const answer = readOffer(sdp);
      const accepted = session.receiver.tracks.filter(({ mid }) =>
        answer.sections.some((section) => section.mid === mid && /^(recvonly|sendrecv)$/.test(section.direction)),
      );
      if (accepted.length === 0) throw new SdpError(422, 'the answer accepts nothing of what was offered');
      session.offer = answer;
      session.ice = answer.ice;
      try {
        await session.receiver.connect(
          answer.dtls,
          accepted.map(({ kind }) => kind),
        );
      } catch (error) {
        session.viewer.end('lost');
        throw error;
      }
    },

    async restartIce(session, ice) {
      await session.receiver.restartIce();
      session.ice = ice;
      session.etag = newEtag();
    },

    stop: ({ viewer }) => viewer.end('left'),

    close() {
      for (const { viewer } of sessions.values()) viewer.end('server-stopping');
    },
  };
}

function notLive(): AmphiError {
  return new AmphiError('wrong-state', 'nothing is live here now', { retryAfterMs: ASK_AGAIN_MS });
}

function newEtag(): string {
  return `"${randomBytes(9).toString('base64url')}"`;
}
