import type { Logger } from '@amphi/rooms';
import { messageOf } from '../fatal.ts';
import type { Coturn } from './coturn.ts';

/** How long an allocation may outlive its credentials, in milliseconds. */
const SWEEP_MS = 15_000;
/** Many sessions end at once when a room does. */
const SOON_MS = 200;

/**
 * Ends what coturn itself would let live: it looks at credentials when an allocation is made, and then lets it be
 * refreshed for ever. Here an allocation ends with its holder's session, and when its holder's credentials have run out
 * and no fresh ones were asked for.
 */
export interface Revocation {
  /** The session's credentials are good until then, in milliseconds since 1970. */
  granted(sessionId: string, until: number): void;
  /** The session is over. */
  revoke(sessionId: string): void;
  close(): void;
}

export function createRevocation(
  coturn: Pick<Coturn, 'endAllocations'>,
  logger: Logger,
  sweepMs: number = SWEEP_MS,
): Revocation {
  const goodUntil = new Map<string, number>();
  let soon: ReturnType<typeof setTimeout> | undefined;
  /** Whether allocations may be there: somebody had credentials at the last sweep or since. */
  let anybody = false;
  let sweeping = false;

  function isOver(username: string): boolean {
    const sessionId = username.slice(username.indexOf(':') + 1);
    return (goodUntil.get(sessionId) ?? 0) <= Date.now();
  }

  async function sweep(): Promise<void> {
    if (!anybody || sweeping) return;
    sweeping = true;
    anybody = goodUntil.size > 0;
    try {
      const { ended, left } = await coturn.endAllocations(isOver);
      if (left > 0) anybody = true;
      if (ended > 0) logger.info({ ended, left }, 'ended allocations of the relay whose credentials are over');
    } catch (error) {
      anybody = true;
      logger.warn({ reason: messageOf(error) }, 'the allocations of the relay could not be looked at');
    } finally {
      sweeping = false;
    }
    for (const [sessionId, until] of goodUntil) if (until <= Date.now()) goodUntil.delete(sessionId);
  }

  const timer = setInterval(() => void sweep(), sweepMs);
  timer.unref();

  return {
    granted(sessionId, until) {
      goodUntil.set(sessionId, until);
      anybody = true;
    },
    revoke(sessionId) {
      if (!goodUntil.delete(sessionId)) return;
      clearTimeout(soon);
      soon = setTimeout(() => void sweep(), SOON_MS);
      soon.unref();
    },
    close() {
      clearInterval(timer);
      clearTimeout(soon);
    },
  };
}
