import type { types } from 'mediasoup';
import { ignoreClosed } from './errors.ts';
import { Pipes } from './pipes.ts';
import type { ProducerAppData } from './room-producer.ts';
import type { RoomSpeakers } from './speakers.ts';
import { SPEAKERS_INTERVAL_MS } from './speakers.ts';
import type { LiveWorker } from './worker-process.ts';

/** Quieter than this (in dBov, averaged over an interval) is not speech. */
const SPEAKING_DBOV = -55;
/** How many speakers are named at most. */
const MAX_SPEAKERS = 8;

/** The part of a room that is on one worker: a router, its speaker observers and the tracks piped into it. */
export class RouterNode {
  readonly live: LiveWorker;
  /** Rejects when the worker dies first. */
  readonly ready: Promise<types.Router>;
  readonly pipes: Pipes;
  readonly #speakers: RoomSpeakers;
  #router: types.Router | undefined;
  #observers: Promise<readonly types.RtpObserver[]> | undefined;
  #members = 0;
  #closed = false;

  constructor(live: LiveWorker, codecs: types.RouterRtpCodecCapability[], speakers: RoomSpeakers) {
    this.live = live;
    this.#speakers = speakers;
    live.routers += 1;
    this.ready = this.#open(codecs);
    // Whoever awaits it gets the error; nobody may.
    void ignoreClosed(this.ready);
    this.pipes = new Pipes(this.ready);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many members have, or are getting, their transports here. */
  get members(): number {
    return this.#members;
  }

  reserve(): void {
    this.#members += 1;
    this.live.members += 1;
  }

  release(): void {
    this.#members -= 1;
    this.live.members -= 1;
  }

  /** Whether a member with these capabilities can receive a producer that is on (or piped into) this router. */
  canConsume(producerId: string, rtpCapabilities: types.RtpCapabilities): boolean {
    return this.#router?.canConsume({ producerId, rtpCapabilities }) ?? false;
  }

  /** Has a microphone count for who is speaking. Only of members on this router: a piped one would be counted twice. */
  async watchMicrophone(producerId: string): Promise<void> {
    this.#observers ??= this.#openObservers();
    try {
      const observers = await this.#observers;
      await Promise.all(observers.map((observer) => observer.addProducer({ producerId })));
    } catch {
      // The producer or the router was closed meanwhile: nothing left to watch.
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.live.routers -= 1;
    this.#router?.close();
    this.#speakers.removeRouter(this);
  }

  async #open(codecs: types.RouterRtpCodecCapability[]): Promise<types.Router> {
    const router = await this.live.worker.createRouter({ mediaCodecs: codecs });
    if (this.#closed) router.close();
    this.#router = router;
    return router;
  }

  async #openObservers(): Promise<readonly types.RtpObserver[]> {
    const router = await this.ready;
    const [levels, active] = await Promise.all([
      router.createAudioLevelObserver({
        threshold: SPEAKING_DBOV,
        interval: SPEAKERS_INTERVAL_MS,
        maxEntries: MAX_SPEAKERS,
      }),
      router.createActiveSpeakerObserver({ interval: SPEAKERS_INTERVAL_MS }),
    ]);
    const memberOf = (producer: types.Producer): string => (producer.appData as ProducerAppData).memberId;
    levels.on('volumes', (volumes) =>
      this.#speakers.setLevels(
        this,
        volumes.map(({ producer, volume }) => ({ memberId: memberOf(producer), level: volume })),
      ),
    );
    levels.on('silence', () => this.#speakers.setLevels(this, []));
    active.on('dominantspeaker', ({ producer }) => this.#speakers.setDominant(this, memberOf(producer)));
    return [levels, active];
  }
}
