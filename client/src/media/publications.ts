import type { ProducerInfo, Source } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';
import type { types } from 'mediasoup-client';
import type { PublishOptions } from '../types.ts';
import { Publication, type PublicationContext } from './publication.ts';

/** All that this person sends: at most one publication per source. */
export class Publications {
  readonly bySource: Map<Source, Publication> = new Map();
  #context: PublicationContext;
  #transport: types.Transport | null = null;
  #standby = false;

  constructor(context: PublicationContext) {
    this.#context = {
      ...context,
      changed: (publication) => {
        if (publication.closed && this.bySource.get(publication.source) === publication) {
          this.bySource.delete(publication.source);
        }
        context.changed(publication);
      },
    };
  }

  /** Adds a publication; it is sent as soon as there is a transport. Throws `wrong-state` when the source is taken. */
  add(options: PublishOptions): Publication {
    if (this.bySource.has(options.source)) {
      throw new AmphiError(
        'wrong-state',
        `${options.source} is published already: use replaceTrack or close it first.`,
      );
    }
    const publication = new Publication(options, this.#context);
    publication.startOnStandby(this.#standby);
    this.bySource.set(options.source, publication);
    this.#context.changed(publication);
    return publication;
  }

  /** Adds and sends. Rejects with the server's refusal. */
  async publish(options: PublishOptions): Promise<Publication> {
    const publication = this.add(options);
    try {
      if (this.#transport) await publication.attach(this.#transport);
      await publication.announced;
    } catch (error) {
      await publication.close().catch(() => undefined);
      throw error;
    }
    return publication;
  }

  /** Sends everything over this transport. What can't be sent is closed. */
  async attach(transport: types.Transport): Promise<void> {
    this.#transport = transport;
    await Promise.all(
      [...this.bySource.values()].map(async (publication) => {
        try {
          await publication.attach(transport);
          await publication.announced;
        } catch {
          // A transport that was replaced meanwhile, or a new session: the publication goes on there.
          if (this.#transport === transport && !transport.closed) await publication.close().catch(() => undefined);
        }
      }),
    );
  }

  /** There is no transport any more; with `renew` none of the producers either. */
  detach(renew: boolean): void {
    this.#transport = null;
    this.#standby = renew ? false : this.#standby;
    if (renew) for (const publication of this.bySource.values()) publication.renew();
  }

  setStandby(standby: boolean): void {
    this.#standby = standby;
    for (const publication of this.bySource.values()) publication.setStandby(standby).catch(() => undefined);
  }

  setDemand(producerId: string, top: number): void {
    for (const publication of this.bySource.values()) {
      if (publication.id === producerId) publication.setDemand(top).catch(() => undefined);
    }
  }

  /** The server ended this producer, because a right to send was taken away. */
  removed(producerId: string): void {
    for (const publication of [...this.bySource.values()]) if (publication.id === producerId) publication.abandon();
  }

  /** The server silenced these: the devices follow. */
  mute(sources: readonly Source[]): void {
    for (const source of sources)
      this.bySource
        .get(source)
        ?.setMuted(true)
        .catch(() => undefined);
  }

  /** What the server says that this person sends: what it has ended, or muted, meanwhile is ended and muted here. */
  reconcile(producers: readonly Pick<ProducerInfo, 'id' | 'muted'>[]): void {
    const known = new Map(producers.map((producer) => [producer.id, producer]));
    for (const publication of [...this.bySource.values()]) {
      const producer = known.get(publication.id);
      if (producer?.muted === true) publication.setMuted(true).catch(() => undefined);
      else if (!producer && publication.isAnnounced) publication.abandon();
    }
  }

  updateSizes(): void {
    for (const publication of this.bySource.values()) publication.updateSize().catch(() => undefined);
  }
}
