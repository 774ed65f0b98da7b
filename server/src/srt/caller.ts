import {
  IngestRefused,
  isShutdown,
  opensKeys,
  readStreamRequest,
  refuseConclusion,
  shutdownFor,
  SRT_REFUSAL,
  type SrtHandshake,
} from '@amphi/egress';
import { AmphiError, type ErrorCode } from '@amphi/protocol';
import type { StreamKey } from '@amphi/rooms';
import { FlvPublisher, type FlvPublishing } from '../ingest/flv-publisher.ts';
import { SrtReceiver } from './receiver.ts';

/** Programs send all the time, and at least a sign of life a second: one that does not is gone. */
export const SILENT_FOR_MS = 5000;

/** For so long a caller that is refused is told so again, and not asked about anew. */
const REFUSED_FOR_MS = 2000;

/** What each refusal of ours is in the words of SRT. */
const CODES: Partial<Record<ErrorCode, number>> = {
  unauthorized: SRT_REFUSAL.unauthorized,
  forbidden: SRT_REFUSAL.forbidden,
  'rate-limited': SRT_REFUSAL.overload,
  'room-full': SRT_REFUSAL.overload,
  'media-unavailable': SRT_REFUSAL.unavailable,
};

export type SrtCallerOptions = FlvPublishing & {
  ffmpeg: string;
  /** With what a program encrypts that publishes with this key. */
  passphraseOf(key: StreamKey): string;
  /** Whoever comes from it counts as one. */
  address: string;
  handshake: SrtHandshake;
  conclusion: Buffer;
  /** Sends a packet to the caller. */
  reply(packet: Buffer): void;
  /** Called once. */
  onEnd(): void;
};

/** One caller that has shown that it is where it says: a program that publishes, or is told that it may not. */
export class SrtCaller {
  readonly #options: SrtCallerOptions;
  readonly #publisher: FlvPublisher;
  #receiver: SrtReceiver | undefined;
  #cancelWatch: () => void;
  #heardAt: number;
  #refusal: Buffer | undefined;
  #ended = false;

  constructor(options: SrtCallerOptions) {
    this.#options = options;
    const { clock, address } = options;
    this.#publisher = new FlvPublisher({
      ...{ ...options, protocol: 'srt', address },
      onRefused: (error) => this.#end('lost', error.message),
    });
    this.#heardAt = clock.now();
    this.#cancelWatch = clock.after(SILENT_FOR_MS, () => this.#watch());
    this.#admit().catch((error: unknown) => this.#refuse(error as Error));
  }

  /** Takes what the caller sends. */
  receive(packet: Buffer): void {
    if (this.#ended) return;
    const { clock, reply } = this.#options;
    this.#heardAt = clock.now();
    // Said again: the answer was lost.
    if (this.#refusal) reply(this.#refusal);
    this.#receiver?.receive(packet);
    if (isShutdown(packet)) this.#end('stopped');
  }

  /** The server stops. */
  close(): void {
    this.#end('lost');
  }

  async #admit(): Promise<void> {
    const { ffmpeg, handshake, conclusion, reply, publishers, passphraseOf } = this.#options;
    const { key, publishes } = readStreamRequest(handshake.streamId);
    if (handshake.version < 5) throw new SrtRefused(SRT_REFUSAL.version, 'SRT before 1.3');
    if (!publishes) throw new SrtRefused(SRT_REFUSAL.badMode, 'this is for publishing only');
    let passphrase: string | undefined;
    await this.#publisher.admit(() => {
      if (!handshake.keyMaterial) return publishers.keyOf(key);
      const named = publishers.keyWithId(key);
      passphrase = passphraseOf(named);
      if (opensKeys(handshake.keyMaterial, passphrase)) return named;
      const refused = new IngestRefused('passphrase');
      publishers.refusals.add(named, 'srt', refused);
      throw refused;
    });
    // It may have gone, or another one taken its place.
    if (this.#ended) return;
    this.#receiver = new SrtReceiver({
      ...{ ffmpeg, passphrase, conclusion, onPacket: reply },
      onMedia: (kind, ms, body) => this.#publisher.media(kind, ms, body),
      onEnd: (error) => {
        if (error instanceof IngestRefused) this.#publisher.refuse(error);
        else this.#end('lost', error.message);
      },
    });
  }

  #refuse(error: Error): void {
    if (this.#ended) return;
    const { clock, logger, conclusion, reply } = this.#options;
    const code = codeOf(error);
    if (code === SRT_REFUSAL.failed) logger.error({ err: error }, 'an SRT connection failed');
    this.#refusal = refuseConclusion(conclusion, code);
    reply(this.#refusal);
    this.#cancelWatch();
    this.#cancelWatch = clock.after(REFUSED_FOR_MS, () => this.#end('lost', error.message));
  }

  #watch(): void {
    const { clock } = this.#options;
    const left = this.#heardAt + SILENT_FOR_MS - clock.now();
    if (left <= 0) this.#end('lost', 'nothing came for a while');
    else this.#cancelWatch = clock.after(left, () => this.#watch());
  }

  #end(end: 'stopped' | 'lost', reason?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelWatch();
    const { logger, handshake, reply, onEnd } = this.#options;
    // It may come back at once, then, and not when it has noticed by itself.
    if (this.#receiver && end === 'lost') reply(shutdownFor(handshake.socketId));
    this.#receiver?.close();
    logger.info({ ...this.#publisher.about, end, reason }, 'an SRT connection ended');
    this.#publisher.ended(end === 'stopped');
    onEnd();
  }
}

class SrtRefused extends Error {
  override readonly name = 'SrtRefused';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function codeOf(error: Error): number {
  if (error instanceof SrtRefused) return error.code;
  if (error instanceof IngestRefused) {
    return error.refusal === 'passphrase' ? SRT_REFUSAL.passphrase : SRT_REFUSAL.unacceptable;
  }
  return error instanceof AmphiError ? (CODES[error.code] ?? SRT_REFUSAL.unacceptable) : SRT_REFUSAL.failed;
}
