import type { EventEnvelope } from '@amphi/protocol';
import type { Link } from '../event-stream.ts';

/** A connection that remembers what it is given. */
export class FakeLink implements Link {
  readonly sent: EventEnvelope[] = [];
  closed = false;

  send(envelope: EventEnvelope): void {
    this.sent.push(envelope);
  }

  close(): void {
    this.closed = true;
  }

  names(): string[] {
    return this.sent.map(({ name }) => name);
  }
}
