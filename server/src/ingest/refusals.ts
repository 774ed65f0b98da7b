import type { IngestRefused } from '@amphi/egress';
import type { RefusedProgram } from '@amphi/features/ingest/server.ts';
import type { Clock, StreamKey } from '@amphi/rooms';

/** Programs try again by themselves: who was refused so long ago has been turned off. */
const KEPT_MS = 5 * 60_000;

type Refusal = { roomId: string; at: number; told: Omit<RefusedProgram, 'ago'> };

/** Who was refused lately, for those who run the room: many programs do not tell, and SRT has no words for it. */
export class Refusals {
  readonly #clock: Clock;
  /** By stream key: the last one of each. */
  readonly #refusals = new Map<string, Refusal>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: StreamKey, protocol: RefusedProgram['protocol'], { refusal, detail }: IngestRefused): void {
    this.#forget();
    const { id: keyId, roomId, name } = key;
    this.#refusals.set(keyId, { roomId, at: this.#clock.now(), told: { keyId, name, protocol, refusal, detail } });
  }

  /** What is sent with this key is taken now. */
  clear(keyId: string): void {
    this.#refusals.delete(keyId);
  }

  of(roomId: string): RefusedProgram[] {
    this.#forget();
    const now = this.#clock.now();
    return [...this.#refusals.values()]
      .filter((refusal) => refusal.roomId === roomId)
      .map(({ at, told }) => ({ ...told, ago: now - at }));
  }

  #forget(): void {
    for (const [keyId, { at }] of this.#refusals) {
      if (this.#clock.now() - at >= KEPT_MS) this.#refusals.delete(keyId);
    }
  }
}
