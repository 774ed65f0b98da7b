import type { Events } from '@amphi/features/protocols.ts';
import type { DataOf, EventEnvelope } from '@amphi/protocol';

type Waiting = { wants(envelope: EventEnvelope): boolean; resolve(envelope: EventEnvelope): void };

/** What comes by itself and says nothing about what a test did. */
const AMBIENT: ReadonlySet<string> = new Set(['room.speakers', 'consumer.layers', 'producer.demand', 'live.audience']);

/** The events of a client in the order in which they came. Each can be taken once; taking waits for it. */
export class Inbox {
  /** All that ever came. */
  readonly all: EventEnvelope[] = [];
  readonly #patienceMs: number;
  #untaken: EventEnvelope[] = [];
  #waiting: Waiting[] = [];

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  add(envelope: EventEnvelope): void {
    this.all.push(envelope);
    const index = this.#waiting.findIndex((waiting) => waiting.wants(envelope));
    const [waiting] = index >= 0 ? this.#waiting.splice(index, 1) : [];
    if (waiting) waiting.resolve(envelope);
    else this.#untaken.push(envelope);
  }

  async take<K extends keyof Events & string>(
    name: K,
    match: (data: DataOf<Events, K>) => boolean = () => true,
    patienceMs: number = this.#patienceMs,
  ): Promise<DataOf<Events, K>> {
    const wants = (envelope: EventEnvelope) => envelope.name === name && match(envelope.data as DataOf<Events, K>);
    const index = this.#untaken.findIndex(wants);
    const [here] = index >= 0 ? this.#untaken.splice(index, 1) : [];
    const envelope = here ?? (await this.#wait(name, wants, patienceMs));
    return envelope.data as DataOf<Events, K>;
  }

  /** What came and was not taken, without what comes by itself; `only` narrows it down. */
  rest(only: (name: string) => boolean = (name) => !AMBIENT.has(name)): { name: string; data: unknown }[] {
    return this.#untaken.filter(({ name }) => only(name)).map(({ name, data }) => ({ name, data }));
  }

  /** Nothing that came so far counts any more. */
  clear(): void {
    this.#untaken = [];
  }

  #wait(name: string, wants: Waiting['wants'], patienceMs: number): Promise<EventEnvelope> {
    const { promise, resolve, reject } = Promise.withResolvers<EventEnvelope>();
    const waiting: Waiting = { wants, resolve };
    this.#waiting.push(waiting);
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter((entry) => entry !== waiting);
      const names = this.all.map((entry) => entry.name).join(', ');
      reject(new Error(`no such ${name} within ${patienceMs} ms; there came: ${names}`));
    }, patienceMs);
    return promise.finally(() => clearTimeout(timer));
  }
}
