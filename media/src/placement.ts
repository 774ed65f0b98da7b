import type { types } from 'mediasoup';
import { mediaUnavailable } from './errors.ts';
import { RouterNode } from './router-node.ts';
import type { RoomSpeakers } from './speakers.ts';
import type { LiveWorker } from './worker-process.ts';

const ATTEMPTS = 3;

type Options = {
  codecs: types.RouterRtpCodecCapability[];
  membersPerRouter: number;
  speakers: RoomSpeakers;
  /** The least loaded worker that is not among these. */
  pickWorker: (except: ReadonlySet<LiveWorker>) => LiveWorker | undefined;
};

/**
 * The routers of one room, at most one per worker: a piped producer keeps its id, which a worker may know only once. The
 * first is the room's home; another is added when all are full and there is a worker without one.
 */
export class Placement {
  readonly #options: Options;
  readonly #nodes: RouterNode[] = [];
  #closed = false;

  constructor(options: Options) {
    this.#options = options;
  }

  get nodes(): readonly RouterNode[] {
    return this.#nodes;
  }

  /** A router for one more member, reserved for it until {@link leave}. Rejects with `media-unavailable`. */
  async join(): Promise<RouterNode> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#closed; attempt++) {
      const node = this.#choose();
      node.reserve();
      if (await this.#usable(node)) return node;
      node.release();
    }
    throw mediaUnavailable();
  }

  leave(node: RouterNode): void {
    node.release();
    if (node.members === 0 && this.#nodes.length > 1) this.drop(node);
  }

  /** Makes sure that there is a router, so that the next member need not wait for one. */
  async prepare(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#closed; attempt++) {
      if (await this.#usable(this.#choose())) return;
    }
    throw mediaUnavailable();
  }

  drop(node: RouterNode): void {
    const index = this.#nodes.indexOf(node);
    if (index >= 0) this.#nodes.splice(index, 1);
    node.close();
  }

  close(): void {
    this.#closed = true;
    for (const node of [...this.#nodes]) this.drop(node);
  }

  #choose(): RouterNode {
    const roomy = this.#nodes.find((node) => node.members < this.#options.membersPerRouter);
    if (roomy !== undefined) return roomy;
    const worker = this.#options.pickWorker(new Set(this.#nodes.map((node) => node.live)));
    if (worker !== undefined) {
      const node = new RouterNode(worker, this.#options.codecs, this.#options.speakers);
      this.#nodes.push(node);
      return node;
    }
    const emptiest = this.#nodes.reduce<RouterNode | undefined>(
      (best, node) => (best === undefined || node.members < best.members ? node : best),
      undefined,
    );
    if (emptiest === undefined) throw mediaUnavailable();
    return emptiest;
  }

  async #usable(node: RouterNode): Promise<boolean> {
    try {
      await node.ready;
    } catch {
      this.drop(node);
    }
    return !node.closed;
  }
}
