import type { types } from 'mediasoup';
import { ignoreClosed } from './errors.ts';
import type { RoomProducer } from './room-producer.ts';

type Pipe = {
  source: RoomProducer;
  users: number;
  ready: Promise<void>;
  producer: types.Producer | undefined;
  closed: boolean;
};

/**
 * The tracks of other workers that are piped into one router: one pipe per producer whoever wants it, made when the first
 * consumer needs it and closed with the last. A pipe forwards all layers, so that each consumer behind it has the choice.
 */
export class Pipes {
  readonly #target: Promise<types.Router>;
  readonly #pipes = new Map<string, Pipe>();
  /** Pipes under way, by producer id: the next one with the same id (a producer made anew) waits for them. */
  readonly #settling = new Map<string, Promise<void>>();

  constructor(target: Promise<types.Router>) {
    this.#target = target;
  }

  get size(): number {
    return this.#pipes.size;
  }

  /** Resolves when the router has the producer. Each call needs one {@link release}, unless it rejects. */
  async use(source: RoomProducer): Promise<void> {
    let pipe = this.#pipes.get(source.id);
    if (pipe === undefined || pipe.source !== source) {
      pipe = { source, users: 0, ready: Promise.resolve(), producer: undefined, closed: false };
      this.#pipes.set(source.id, pipe);
      pipe.ready = this.#open(pipe);
    }
    pipe.users += 1;
    try {
      await pipe.ready;
    } catch (error) {
      this.#close(pipe);
      throw error;
    }
  }

  release(source: RoomProducer): void {
    const pipe = this.#pipes.get(source.id);
    if (pipe === undefined || pipe.source !== source) return;
    pipe.users -= 1;
    if (pipe.users === 0) this.#close(pipe);
  }

  /** Closes the pipe whoever uses it: the producer is gone. */
  close(source: RoomProducer): void {
    const pipe = this.#pipes.get(source.id);
    if (pipe !== undefined && pipe.source === source) this.#close(pipe);
  }

  #close(pipe: Pipe): void {
    if (this.#pipes.get(pipe.source.id) === pipe) this.#pipes.delete(pipe.source.id);
    pipe.closed = true;
    // mediasoup closes the consumer at the other end of the pipe with it.
    pipe.producer?.close();
  }

  #open(pipe: Pipe): Promise<void> {
    const { id } = pipe.source;
    const before = this.#settling.get(id);
    const opening = this.#connect(pipe, before);
    const settled = ignoreClosed(opening).then(() => {
      if (this.#settling.get(id) === settled) this.#settling.delete(id);
    });
    this.#settling.set(id, settled);
    return opening;
  }

  async #connect(pipe: Pipe, before: Promise<void> | undefined): Promise<void> {
    await before;
    const [origin, router] = await Promise.all([pipe.source.node.ready, this.#target]);
    const { pipeConsumer, pipeProducer } = await origin.pipeToRouter({
      producerId: pipe.source.producer.id,
      router,
      enableRtx: true,
      enableSctp: false,
    });
    if (pipeConsumer === undefined || pipeProducer === undefined)
      throw new Error('mediasoup made no pipe for a producer');
    if (pipe.closed) {
      pipeProducer.close();
      return;
    }
    pipe.producer = pipeProducer;
    // mediasoup forwards pausing without looking at the outcome: a worker that dies at that moment would leave a rejection
    // that nobody handles, and end this process. So forward it here.
    pipeConsumer.observer.removeAllListeners('pause');
    pipeConsumer.observer.removeAllListeners('resume');
    pipeConsumer.observer.on('pause', () => void ignoreClosed(pipeProducer.pause()));
    pipeConsumer.observer.on('resume', () => void ignoreClosed(pipeProducer.resume()));
    pipeProducer.observer.on('close', () => {
      if (this.#pipes.get(pipe.source.id) === pipe) this.#pipes.delete(pipe.source.id);
    });
  }
}
