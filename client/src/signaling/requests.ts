import type { Answer, RequestEnvelope } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';

/** How long a sent request may stay unanswered on an open socket, in milliseconds. */
export const ANSWER_MS = 15_000;

type Pending = {
  envelope: RequestEnvelope;
  session: string | null;
  resolve(data: unknown): void;
  reject(error: AmphiError): void;
  timer: ReturnType<typeof setTimeout> | undefined;
};

export type Send = (envelope: RequestEnvelope, ack: (answer: Answer) => void) => void;

/**
 * The requests that have no answer yet. They survive a drop of the socket: after a resume they are sent again in
 * their order and with their ids, which the server answers with the first answer where it had made one.
 */
export class Requests {
  #pending = new Map<string, Pending>();
  #prefix = crypto.randomUUID().slice(0, 8);
  #count = 0;

  /**
   * Registers a request and sends it, if `send` is given. `session` is the one that it belongs to, null before there
   * was any.
   */
  add(method: string, data: unknown, session: string | null, send: Send | null): Promise<unknown> {
    const envelope = { id: `${this.#prefix}-${++this.#count}`, method, data };
    return new Promise((resolve, reject) => {
      const pending: Pending = { envelope, session, resolve, reject, timer: undefined };
      this.#pending.set(envelope.id, pending);
      if (send) this.#send(pending, send);
    });
  }

  /** The socket is gone: nothing is late until the requests are sent again. */
  pause(): void {
    for (const pending of this.#pending.values()) clearTimeout(pending.timer);
  }

  /** Sends all again, in their order. */
  resend(send: Send): void {
    for (const pending of [...this.#pending.values()]) this.#send(pending, send);
  }

  /** Rejects what belongs to a session that is over. Requests made before there was a session stay. */
  rejectOlderThan(session: string): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.session !== null && pending.session !== session) {
        this.#settle(pending, new AmphiError('session-ended', 'The session ended before the server answered.'));
      }
    }
  }

  rejectAll(error: AmphiError): void {
    for (const pending of [...this.#pending.values()]) this.#settle(pending, error);
  }

  #send(pending: Pending, send: Send): void {
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => {
      const text = `The server did not answer ${pending.envelope.method} within ${ANSWER_MS / 1000} s.`;
      this.#settle(pending, new AmphiError('internal', text));
    }, ANSWER_MS);
    send(pending.envelope, (answer) => {
      if (answer.ok) this.#settle(pending, undefined, answer.data);
      else this.#settle(pending, AmphiError.fromBody(answer.error));
    });
  }

  #settle(pending: Pending, error: AmphiError | undefined, data?: unknown): void {
    // A repeated request may be answered twice.
    if (!this.#pending.delete(pending.envelope.id)) return;
    clearTimeout(pending.timer);
    if (error) pending.reject(error);
    else pending.resolve(data);
  }
}
