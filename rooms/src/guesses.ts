import { AmphiError, type ErrorCode } from '@amphi/protocol';

/** Counts the wrong guesses of each network address. */
export interface GuessLimit {
  /** Rejects with `rate-limited` when there were too many lately. */
  check(address: string): Promise<void>;
  failed(address: string): Promise<void>;
}

/** What somebody is told who guesses wrong at the door. */
const WRONG: ReadonlySet<ErrorCode> = new Set(['room-not-found', 'unauthorized']);

const NO_LIMIT: GuessLimit = { async check() {}, async failed() {} };

/** Slows those who guess: names of rooms, host keys, tokens, passwords. */
export class Guesses {
  readonly #limit: GuessLimit;
  /** The password that is being tried from each address. */
  readonly #trying = new Map<string, Promise<unknown>>();

  constructor(limit: GuessLimit = NO_LIMIT) {
    this.#limit = limit;
  }

  /** Does what a wrong guess keeps somebody from. Rejects as `work` does, or with `rate-limited` without having done it. */
  async watch<T>(address: string, work: () => Promise<T>): Promise<T> {
    await this.#limit.check(address);
    try {
      return await work();
    } catch (error) {
      if (error instanceof AmphiError && WRONG.has(error.code)) await this.#limit.failed(address);
      throw error;
    }
  }

  /**
   * Tries a password, one after the other from each address: neither does anybody get more tries by having them at once,
   * nor can one address keep all cores at hashing.
   */
  async one(address: string, isRight: () => Promise<boolean>): Promise<boolean> {
    const before = this.#trying.get(address);
    const mine = (async () => {
      await before?.catch(() => {});
      await this.#limit.check(address);
      const right = await isRight();
      if (!right) await this.#limit.failed(address);
      return right;
    })();
    this.#trying.set(address, mine);
    try {
      return await mine;
    } finally {
      if (this.#trying.get(address) === mine) this.#trying.delete(address);
    }
  }
}
