import type { Request } from '../signaling/signaling.ts';

/** A link that carries so many bits per second is not thin, whatever more it carries. */
const WIDE = 2_000_000;
/** One look may fall on a moment in which the machine is busy, or a packet was lost and came late. */
const LOOKS = 3;

/**
 * Finds out how many bits per second get through from the server, by the time that some kilobytes take beyond a round trip, and
 * says it after each look: the best so far. It is rough, and less than there is where something else is loading. Rejects
 * where the server does not answer, as once the call is joined.
 */
export async function measureDownlink(
  request: Request,
  found: (bps: number) => void,
  now = () => performance.now(),
): Promise<void> {
  let best = 0;
  for (let look = 0; look < LOOKS && best < WIDE; look += 1) {
    const asked = now();
    await request('session.ping', {});
    const answered = now();
    const { padding } = await request('media.measure', {});
    const beyond = Math.max(1, now() - answered - (answered - asked));
    best = Math.max(best, Math.round((padding.length * 8000) / beyond));
    found(best);
  }
}
