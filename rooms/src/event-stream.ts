import { type EventEnvelope, VOLATILE_EVENTS } from '@amphi/protocol';
import { jsonBytes } from './json-size.ts';
import type { AnyEvent } from './member.ts';

/** The connection by which a session's events leave, for as long as it lasts. */
export interface Link {
  /** `volatile`: may be dropped when the connection is slow. */
  send(envelope: EventEnvelope, volatile: boolean): void;
  close(): void;
}

export type EventStreamOptions = {
  /** Events kept for a resume, at most. */
  maxEvents?: number;
  /** JSON bytes kept for a resume, at most. */
  maxBytes?: number;
  /** Called when the other side missed events that are kept no more: the event that makes up for them. */
  onGap(): AnyEvent | undefined;
};

/**
 * The events of one session in order, numbered from 1, the last of them kept so that a client that was away can be given
 * what it missed.
 */
export class EventStream {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly #onGap: () => AnyEvent | undefined;
  #kept: EventEnvelope[] = [];
  #keptBytes = 0;
  #lastSeq = 0;
  #link: Link | undefined;
  /** The last event that the link was given. */
  #cursor = 0;
  /** Events after this one wait until the answer to a request is out. */
  #corkedAt = Number.POSITIVE_INFINITY;

  constructor(options: EventStreamOptions) {
    this.#maxEvents = options.maxEvents ?? 256;
    this.#maxBytes = options.maxBytes ?? 1024 * 1024;
    this.#onGap = options.onGap;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  push(event: AnyEvent): void {
    if (VOLATILE_EVENTS.has(event.name)) {
      if (this.#corkedAt === Number.POSITIVE_INFINITY) this.#link?.send({ seq: 0, ...event }, true);
      return;
    }
    this.#keep(event);
    this.#flush();
  }

  /** Goes on over this link, after the event with that number. */
  attach(link: Link, seq: number): void {
    this.#link = link;
    this.#cursor = seq;
    this.#flush();
  }

  /** Forgets the link, if it is the current one. */
  detach(link: Link): boolean {
    if (this.#link !== link) return false;
    this.#link = undefined;
    return true;
  }

  /** Holds events back, so that an answer made of the state as of now is received before what changes it. */
  cork(): void {
    this.#corkedAt = Math.min(this.#corkedAt, this.#lastSeq);
  }

  uncork(): void {
    this.#corkedAt = Number.POSITIVE_INFINITY;
    this.#flush();
  }

  #keep(event: AnyEvent): void {
    this.#kept.push({ seq: ++this.#lastSeq, ...event });
    this.#keptBytes += jsonBytes(event.data);
    while (this.#kept.length > this.#maxEvents || (this.#keptBytes > this.#maxBytes && this.#kept.length > 1)) {
      const oldest = this.#kept.shift();
      if (oldest) this.#keptBytes -= jsonBytes(oldest.data);
    }
  }

  #flush(): void {
    const link = this.#link;
    if (!link) return;
    if (this.#hasGap()) {
      if (this.#corkedAt !== Number.POSITIVE_INFINITY) return;
      this.#cursor = this.#lastSeq;
      const event = this.#onGap();
      if (event) this.#keep(event);
    }
    const oldest = this.#kept[0]?.seq ?? 1;
    for (const envelope of this.#kept.slice(Math.max(0, this.#cursor + 1 - oldest))) {
      if (envelope.seq > this.#corkedAt) return;
      this.#cursor = envelope.seq;
      link.send(envelope, false);
    }
  }

  /** Whether events between what the client has and what is kept are lost; also when it claims ones that never were. */
  #hasGap(): boolean {
    const oldest = this.#kept[0]?.seq ?? this.#lastSeq + 1;
    return this.#cursor < oldest - 1 || this.#cursor > this.#lastSeq;
  }
}
