import type { Duplex } from 'node:stream';
import { findProgram, FlvIngest, type IngestedTrack, PublishRefused, RtmpConnection } from '@amphi/egress';
import { AmphiError, type ErrorCode } from '@amphi/protocol';
import type { Clock, GuessLimit, Logger, MediaInlet, StreamKey } from '@amphi/rooms';
import type { PublisherConnection, Publishers } from '../ingest/publishers.ts';

/** What the path of the address is: `rtmp://host/live`. */
export const RTMP_APP = 'live';

export type RtmpIngestOptions = {
  publishers: Publishers;
  /** Wrong keys from one address. */
  guessLimit: GuessLimit;
  /** Whether H.264 can be received by rooms. */
  takesH264: boolean;
  clock: Clock;
  logger: Logger;
};

/** What each refusal of ours is in the words of RTMP. */
const CODES: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'NetStream.Publish.BadName',
  forbidden: 'NetStream.Publish.Denied',
  'rate-limited': 'NetStream.Publish.Denied',
};

/** Takes one connection of a program that publishes by RTMP, from `address`; answers how to close it. */
export function takeRtmp(options: RtmpIngestOptions, socket: Duplex, address: string): { close(): void } {
  const session = new RtmpSession(options, socket, address);
  return { close: () => session.close() };
}

class RtmpSession implements PublisherConnection {
  readonly #options: RtmpIngestOptions;
  readonly #address: string;
  readonly #connection: RtmpConnection;
  readonly #ingest: FlvIngest;
  #key: StreamKey | undefined;
  #inlet: MediaInlet | undefined;
  #tracks: readonly IngestedTrack[] = [];

  constructor(options: RtmpIngestOptions, socket: Duplex, address: string) {
    this.#options = options;
    this.#address = address;
    const { clock, logger } = options;
    this.#ingest = new FlvIngest({
      ...{ clock, logger, ffmpeg: () => findProgram('ffmpeg') },
      onTracks: (tracks) => {
        this.#tracks = tracks;
        void this.#send();
      },
      onRefused: (refused) => this.#refuse(new PublishRefused('NetStream.Publish.Rejected', refused.message)),
    });
    this.#connection = new RtmpConnection({
      ...{ socket, clock },
      onPublish: async ({ app, key }) => {
        await this.#admit(app, key);
        return this.#ingest;
      },
      onEnd: (end, error) => {
        const about = { roomId: this.#key?.roomId, keyId: this.#key?.id, end, reason: error?.message };
        logger.info(about, 'an RTMP connection ended');
        this.#ended(end === 'stopped');
      },
    });
  }

  close(): void {
    this.#connection.close();
  }

  /** Another connection has taken over, or the publisher is out of the room. */
  over(reason: string): void {
    this.#inlet = undefined;
    this.#ingest.close();
    this.#refuse(
      new PublishRefused(
        'NetStream.Publish.Denied',
        reason === 'replaced' ? 'Another program publishes with this stream key now.' : 'The stream was ended.',
      ),
    );
  }

  moved(): void {
    this.#ingest.send(undefined);
    void this.#send();
  }

  /** @throws PublishRefused */
  async #admit(app: string, name: string): Promise<void> {
    const { publishers, guessLimit, takesH264 } = this.#options;
    try {
      await guessLimit.check(this.#address);
      if (app !== RTMP_APP) {
        throw new PublishRefused('NetConnection.Connect.InvalidApp', `The address has to end with /${RTMP_APP}.`);
      }
      if (!takesH264) throw new PublishRefused('NetStream.Publish.Rejected', 'H.264 is not enabled on this server.');
      const key = await this.#keyOf(name);
      if ((await publishers.elsewhere(key.roomId)) !== undefined) {
        throw new PublishRefused('NetStream.Publish.Rejected', 'The room is on another server now.');
      }
      this.#key = key;
      await publishers.take(key, this, async () => {});
    } catch (error) {
      throw error instanceof AmphiError ? refusalOf(error) : error;
    }
  }

  async #keyOf(name: string): Promise<StreamKey> {
    // Some programs add parameters.
    const [secret] = name.split('?', 1);
    try {
      return this.#options.publishers.keyOf(secret);
    } catch (error) {
      await this.#options.guessLimit.failed(this.#address);
      throw error;
    }
  }

  /** Makes the tracks that come, and lets them flow. */
  async #send(): Promise<void> {
    const { publishers, logger } = this.#options;
    const key = this.#key;
    // Whoever is over says no more.
    if (!key || !publishers.holds(key, this)) return;
    try {
      await publishers.take(key, this, async (publisher) => {
        this.#inlet = await publisher.publishHere(this.#tracks);
        if (!publishers.holds(key, this)) return;
        this.#inlet.setAlive(true);
        this.#ingest.send({ inlet: this.#inlet, producerId: (kind) => publisher.producerId(kind) });
      });
    } catch (error) {
      logger.warn({ err: error, roomId: key.roomId, keyId: key.id }, 'what arrives by RTMP cannot be published');
      this.#refuse(refusalOf(error));
    }
  }

  #refuse(refused: PublishRefused): void {
    this.#connection.refuse(refused);
  }

  /** `stopped`: by the program itself, which does not come back. */
  #ended(stopped: boolean): void {
    this.#ingest.close();
    const { publishers } = this.#options;
    const key = this.#key;
    if (!key || !publishers.holds(key, this)) return;
    if (stopped) publishers.publisherOf(key)?.end('left');
    else this.#inlet?.setAlive(false);
  }
}

function refusalOf(error: unknown): PublishRefused {
  if (error instanceof PublishRefused) return error;
  if (!(error instanceof AmphiError))
    return new PublishRefused('NetStream.Publish.Failed', 'The server failed at this.');
  return new PublishRefused(CODES[error.code] ?? 'NetStream.Publish.Rejected', error.message);
}
