import type { Request } from '../signaling/signaling.ts';

/** A link that carries so many bits per second, the round trip included, is not thin, whatever more it carries. */
const WIDE = 2_000_000;
/** One look may fall on a moment in which the machine is busy, or a packet was lost and came late: the fastest answers count. */
const LOOKS = 3;

/**
 * Finds out how many bits per second get through from the server, by the time that some kilobytes take beyond a round trip, and
 * says it after each look. It is rough, and less than there is where something else is loading. Rejects
 * where the server does not answer, as once the call is joined.
 */
export async function measureDownlink(
  request: Request,
  found: (bps: number) => void,
  now = () => performance.now(),
): Promise<void> {
  let roundTrip = Infinity;
  let padded = Infinity;
  for (let look = 0; look < LOOKS; look += 1) {
    const asked = now();
    await request('session.ping', {});
    const answered = now();
    const { padding } = await request('media.measure', {});
    const bits = padding.length * 8;
    roundTrip = Math.min(roundTrip, answered - asked);
    padded = Math.min(padded, now() - answered);
    found(Math.round((bits * 1000) / Math.max(1, padded - roundTrip)));
    if ((bits * 1000) / padded >= WIDE) return;
  }
}
