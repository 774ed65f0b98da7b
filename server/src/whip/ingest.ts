import { randomBytes } from 'node:crypto';
import { AmphiError, type Relay, type RtpCapabilities, type TransportInfo } from '@amphi/protocol';
import type { StreamKey } from '@amphi/rooms';
import type { PublisherConnection, Publishers } from '../ingest/publishers.ts';
import {
  type IceCredentials,
  type Offer,
  readOffer,
  SdpError,
  sentTrack,
  type SentTrack,
  writeAnswer,
} from '../sdp/index.ts';

export type IngestOptions = {
  publishers: Publishers;
  /** STUN and TURN servers for a publisher. */
  relay(id: string): Relay;
  capabilities: RtpCapabilities;
};

/** One connection of a publisher: what WHIP calls a session. */
export type IngestSession = {
  /** Cannot be guessed. */
  readonly id: string;
  readonly key: StreamKey;
  readonly offer: Offer;
  /** The other end's ICE credentials now. */
  ice: IceCredentials;
  /** Names the ICE session; a restart makes another. */
  etag: string;
  transport: TransportInfo;
};

/** The programs that publish by WHIP. */
export interface Ingest {
  /** @throws AmphiError `unauthorized` for a key that is not one of this room. */
  keyOf(roomId: string, key: string | undefined): StreamKey;
  /** The origin of the node where the room is, when it is another one and can be reached. */
  elsewhere(roomId: string): Promise<string | undefined>;
  /**
   * Publishes; who publishes with the same key already is replaced and stays the same member. Rejects with SdpError, or
   * AmphiError `forbidden`, `room-not-found`, `room-full`, `media-unavailable`.
   */
  open(key: StreamKey, sdp: string): Promise<{ session: IngestSession; answer: string; relay: Relay }>;
  session(id: string): IngestSession | undefined;
  restartIce(session: IngestSession, ice: IceCredentials): Promise<void>;
  /** Ends the publisher. */
  stop(session: IngestSession): void;
}

export function createIngest(options: IngestOptions): Ingest {
  const { publishers } = options;
  const sessions = new Map<string, IngestSession>();

  return {
    keyOf(roomId, secret) {
      const key = publishers.keyOf(secret);
      if (key.roomId !== roomId) throw new AmphiError('unauthorized', 'this is no stream key of this room');
      return key;
    },

    elsewhere: (roomId) => publishers.elsewhere(roomId),

    async open(key, sdp) {
      const offer = readOffer(sdp);
      const tracks = tracksOf(offer, options.capabilities);
      const id = newId();
      // What a connection that is over still says is of no interest.
      const connection: PublisherConnection = { protocol: 'whip', over: () => sessions.delete(id) };
      const session = await publishers.take(key, connection, async (publisher) => {
        const transport = await publisher.publish(tracks, offer.dtls);
        const made = { id, key, offer, ice: offer.ice, etag: newEtag(), transport };
        sessions.set(id, made);
        return made;
      });
      publishers.refusals.clear(key.id);
      const answered = tracks.map((track) => ({ ...track, direction: 'recvonly' as const }));
      return { session, answer: writeAnswer(offer, session.transport, answered), relay: options.relay(session.id) };
    },

    session: (id) => sessions.get(id),

    async restartIce(session, ice) {
      const publisher = publishers.publisherOf(session.key);
      if (!publisher) throw new AmphiError('not-found', 'this session is over');
      const iceParameters = await publisher.restartIce(session.transport.id);
      session.transport = { ...session.transport, iceParameters };
      session.ice = ice;
      session.etag = newEtag();
    },

    stop(session) {
      publishers.publisherOf(session.key)?.end('left');
    },
  };
}

/** What is taken of an offer: the first section of each kind that sends. @throws SdpError when one of them cannot be used. */
function tracksOf(offer: Offer, capabilities: RtpCapabilities): SentTrack[] {
  const sending = offer.sections.filter(({ direction }) => direction === 'sendonly' || direction === 'sendrecv');
  const firsts = (['audio', 'video'] as const).flatMap(
    (kind) => sending.find((section) => section.kind === kind) ?? [],
  );
  if (firsts.length === 0)
    throw new SdpError(422, 'nothing is sent: no audio or video section is a=sendonly or a=sendrecv');
  return firsts.map((section) => {
    const track = sentTrack(section, capabilities);
    if (track) return track;
    const offered = [...new Set(section.media.rtp.map(({ codec }) => codec))].join(', ');
    throw new SdpError(
      422,
      `none of the ${section.kind} codecs (${offered}) is known here, which takes ${takenOf(section.kind, capabilities)}`,
    );
  });
}

function takenOf(kind: string, { codecs = [] }: RtpCapabilities): string {
  const names = codecs.filter((codec) => codec.kind === kind && !/\/rtx$/i.test(codec.mimeType)).map(nameOf);
  return [...new Set(names)].join(', ');
}

function nameOf({ mimeType, parameters = {} }: NonNullable<RtpCapabilities['codecs']>[number]): string {
  const name = mimeType.slice(mimeType.indexOf('/') + 1);
  const profile = parameters['profile-level-id'];
  return profile === undefined ? name : `${name} (${profile})`;
}

function newId(): string {
  return randomBytes(18).toString('base64url');
}

function newEtag(): string {
  return `"${randomBytes(9).toString('base64url')}"`;
}
