import { findProgram, FlvIngest, type IngestedTrack, IngestRefused, type TranscodeBudget } from '@amphi/egress';
import { AmphiError } from '@amphi/protocol';
import type { Clock, GuessLimit, Logger, MediaInlet, StreamKey } from '@amphi/rooms';
import type { PublisherConnection, Publishers } from './publishers.ts';

/** What all programs that publish FLV share. */
export type FlvPublishing = {
  publishers: Publishers;
  /** Wrong keys from one address. */
  guessLimit: GuessLimit;
  /** Whether H.264 can be received by rooms. */
  takesH264: boolean;
  /** What pictures that have to be encoded anew may use. */
  budget: TranscodeBudget;
  clock: Clock;
  logger: Logger;
};

export type FlvPublisherOptions = FlvPublishing & {
  protocol: 'rtmp' | 'srt';
  /** Whoever comes from it counts as one. */
  address: string;
  /** The connection is to be ended, and why: AmphiError or IngestRefused, whose sentence is for whoever set the program up. */
  onRefused(error: Error): void;
};

/** One connection of a program whose media comes as the bodies of FLV tags, whatever carries them. */
export class FlvPublisher implements PublisherConnection {
  readonly protocol: 'rtmp' | 'srt';
  readonly #options: FlvPublisherOptions;
  readonly #ingest: FlvIngest;
  #key: StreamKey | undefined;
  #inlet: MediaInlet | undefined;
  #tracks: readonly IngestedTrack[] = [];

  constructor(options: FlvPublisherOptions) {
    this.#options = options;
    this.protocol = options.protocol;
    const { budget, clock, logger } = options;
    this.#ingest = new FlvIngest({
      ...{ budget, clock, logger, ffmpeg: () => findProgram('ffmpeg') },
      onTracks: (tracks) => {
        this.#tracks = tracks;
        void this.#send();
      },
      onRefused: (refused) => this.refuse(refused),
    });
  }

  /** Of whom this is, for the log. */
  get about(): { roomId: string | undefined; keyId: string | undefined } {
    return { roomId: this.#key?.roomId, keyId: this.#key?.id };
  }

  get picture() {
    return this.#ingest.picture;
  }

  /**
   * Takes the place of the publisher with the key that `find` answers; where it throws, somebody has guessed. Rejects as it
   * does, with AmphiError as {@link Publishers.take} does, or IngestRefused.
   */
  async admit(find: () => StreamKey): Promise<void> {
    const { publishers, guessLimit, address, takesH264 } = this.#options;
    await guessLimit.check(address);
    const key = await this.#found(find);
    if ((await publishers.elsewhere(key.roomId)) !== undefined) {
      throw new AmphiError('media-unavailable', 'The room is on another server now.');
    }
    this.#key = key;
    if (!takesH264) throw this.#noted(new IngestRefused('no-h264'));
    await publishers.take(key, this, async () => {});
  }

  /** As {@link FlvIngest.media}. */
  media(kind: 'audio' | 'video', timestamp: number, body: Buffer): void {
    this.#ingest.media(kind, timestamp, body);
  }

  /** What comes cannot be taken, which whoever runs the room is told as well. */
  refuse(refused: IngestRefused): void {
    this.#options.onRefused(this.#noted(refused));
  }

  /** Another connection has taken over, or the publisher is out of the room. */
  over(reason: string): void {
    this.#inlet = undefined;
    this.#ingest.close();
    const why = reason === 'replaced' ? 'Another program publishes with this stream key now.' : 'The stream was ended.';
    this.#options.onRefused(new AmphiError('forbidden', why));
  }

  moved(): void {
    this.#ingest.send(undefined);
    void this.#send();
  }

  /** The connection is over. `stopped`: by the program itself, which does not come back. */
  ended(stopped: boolean): void {
    this.#ingest.close();
    const { publishers } = this.#options;
    const key = this.#key;
    if (!key || !publishers.holds(key, this)) return;
    if (stopped) publishers.publisherOf(key)?.end('left');
    else this.#inlet?.setAlive(false);
  }

  async #found(find: () => StreamKey): Promise<StreamKey> {
    try {
      return find();
    } catch (error) {
      await this.#options.guessLimit.failed(this.#options.address);
      throw error;
    }
  }

  #noted(refused: IngestRefused): IngestRefused {
    if (this.#key) this.#options.publishers.refusals.add(this.#key, this.protocol, refused);
    return refused;
  }

  /** Makes the tracks that come, and lets them flow. */
  async #send(): Promise<void> {
    const { publishers, logger } = this.#options;
    const key = this.#key;
    // Whoever is over says no more.
    if (!key || !publishers.holds(key, this)) return;
    try {
      await publishers.take(key, this, async (publisher) => {
        this.#inlet = await publisher.publishHere(this.#tracks, () => this.#ingest.requestKeyFrame());
        if (!publishers.holds(key, this)) return;
        this.#inlet.setAlive(true);
        publishers.refusals.clear(key.id);
        this.#ingest.send({ inlet: this.#inlet, producerId: (kind) => publisher.producerId(kind) });
      });
    } catch (error) {
      logger.warn({ err: error, ...this.about }, `what arrives by ${this.protocol} cannot be published`);
      this.#options.onRefused(error as Error);
    }
  }
}
