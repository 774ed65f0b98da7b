import { PublishEnded } from '../rtmp/client.ts';
import { RtmpProtocolError } from '../rtmp/chunks.ts';

/**
 * Why a stream does not get to its target. `key`, `app`: the other side refused the key, or the path of the address.
 * `hangs-up`: it takes the stream and drops it at once. `host`, `unreachable`, `silent`: no such name, no connection, no
 * answer. `tls`: its certificate is not good for its name. `internal`: an address that may not be reached. `address`: no
 * address of an RTMP server. `protocol`: it speaks something else. `busy`: the stream is there already. `dropped`: it, or
 * the network, ended a stream that was. `slow`: the network does not carry it.
 */
export const PUSH_REASONS = [
  'key',
  'app',
  'hangs-up',
  'host',
  'unreachable',
  'silent',
  'tls',
  'internal',
  'address',
  'protocol',
  'busy',
  'dropped',
  'slow',
] as const;
export type PushReason = (typeof PUSH_REASONS)[number];

/** Something that keeps a stream from its target. */
export class PushProblem extends Error {
  override readonly name = 'PushProblem';
  readonly reason: PushReason;
  /** What the other side or the system said; never with the key. */
  readonly detail: string | null;

  constructor(reason: PushReason, detail: string | null = null) {
    super(detail ?? reason);
    this.reason = reason;
    this.detail = detail;
  }
}

/** What is the same at the next attempt, until somebody changes the target or the server's settings. */
const LASTING: ReadonlySet<PushReason> = new Set(['key', 'app', 'hangs-up', 'tls', 'internal', 'address', 'protocol']);

/** Whether to try again without anybody doing something about it. */
export function heals(reason: PushReason): boolean {
  return !LASTING.has(reason);
}

/** What a failed attempt, or a stream that broke off, means. */
export function problemOf(error: unknown): PushProblem {
  if (error instanceof PushProblem) return error;
  if (error instanceof RtmpProtocolError || error instanceof RangeError) return new PushProblem('protocol');
  if (error instanceof PublishEnded) return ofPublishing(error);
  if (error instanceof DOMException && error.name === 'TimeoutError') return new PushProblem('silent');
  const { code } = error as NodeJS.ErrnoException;
  return new PushProblem('dropped', code ?? null);
}

/** Words with which servers say that somebody publishes with this key already. */
const BUSY = /already|in use|busy|exists/i;

function ofPublishing({ phase, code, message }: PublishEnded): PushProblem {
  const detail = code === undefined ? null : message;
  if (code !== undefined && BUSY.test(message)) return new PushProblem('busy', detail);
  if (phase === 'publish') return new PushProblem('key', detail);
  if (phase === 'connect') return new PushProblem('app', detail);
  return new PushProblem('dropped', detail);
}
