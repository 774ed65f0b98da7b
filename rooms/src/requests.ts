import { type Answer, AmphiError, type RequestEnvelope } from '@amphi/protocol';
import type { Clock } from './clock.ts';
import { jsonBytes } from './json-size.ts';

export type Reply = (answer: Answer) => void;

export type RequestQueueOptions = {
  /** Judges a request on arrival, before its turn; throws to refuse. What it answers is run when the turn comes. */
  admit(envelope: RequestEnvelope): () => Promise<unknown>;
  /** Turns whatever was thrown into the answer. */
  refuse(error: unknown, envelope: RequestEnvelope): Answer;
  /** The answer is out, to all who asked, so many milliseconds after the request came. */
  answered(envelope: RequestEnvelope, answer: Answer, tookMs: number): void;
  clock: Clock;
  /** After this long a request is answered `internal`, and the next has its turn. */
  timeoutMs?: number;
  maxWaiting?: number;
  maxKept?: number;
  maxKeptBytes?: number;
};

type Entry = { answer: Answer | undefined; replies: Reply[]; bytes: number; startedAt: number };

/** More waiting repeats of one request than this are not served: nobody has so many connections. */
const MAX_REPEATS = 8;

/**
 * The requests of one session: one at a time, in order of arrival. Answers are kept, so that a repeat of a request (same
 * id) after a lost connection gets the first answer, or waits for it, and is not performed again.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #entries = new Map<string, Entry>();
  #keptBytes = 0;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  handle(envelope: RequestEnvelope, reply: Reply): void {
    const known = this.#entries.get(envelope.id);
    if (known?.answer) {
      reply(known.answer);
      return;
    }
    if (known) {
      if (known.replies.length < MAX_REPEATS) known.replies.push(reply);
      return;
    }
    const entry: Entry = { answer: undefined, replies: [reply], bytes: 0, startedAt: this.#options.clock.now() };
    this.#entries.set(envelope.id, entry);
    try {
      this.#enqueue(envelope, entry, this.#admit(envelope));
    } catch (error) {
      this.#settle(envelope, entry, this.#options.refuse(error, envelope));
    }
  }

  #admit(envelope: RequestEnvelope): () => Promise<unknown> {
    if (this.#waiting >= (this.#options.maxWaiting ?? 128)) {
      throw new AmphiError('rate-limited', 'too many requests are waiting', { retryAfterMs: 1000 });
    }
    return this.#options.admit(envelope);
  }

  #enqueue(envelope: RequestEnvelope, entry: Entry, perform: () => Promise<unknown>): void {
    this.#waiting++;
    this.#tail = this.#tail
      .then(() => this.#withTimeout(perform))
      .then(
        (data): Answer => ({ ok: true, data }),
        (error: unknown) => this.#options.refuse(error, envelope),
      )
      .then((answer) => {
        this.#waiting--;
        this.#settle(envelope, entry, answer);
      });
  }

  #withTimeout(perform: () => Promise<unknown>): Promise<unknown> {
    const timeoutMs = this.#options.timeoutMs ?? 10_000;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = this.#options.clock.after(timeoutMs, () => reject(new Error(`no answer after ${timeoutMs} ms`)));
    perform().then(resolve, reject);
    return promise.finally(cancel);
  }

  #settle(envelope: RequestEnvelope, entry: Entry, answer: Answer): void {
    entry.answer = answer;
    entry.bytes = jsonBytes(answer);
    this.#keptBytes += entry.bytes;
    for (const reply of entry.replies.splice(0)) reply(answer);
    this.#options.answered(envelope, answer, this.#options.clock.now() - entry.startedAt);
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    const { maxKept = 256, maxKeptBytes = 1024 * 1024 } = this.#options;
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= maxKept && this.#keptBytes <= maxKeptBytes) return;
      if (!entry.answer) continue;
      this.#entries.delete(id);
      this.#keptBytes -= entry.bytes;
    }
  }
}
