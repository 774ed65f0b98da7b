import type { Request } from '../signaling/signaling.ts';

/** A link that carries so many bits per second, the round trip included, is not thin, whatever more it carries. */
const WIDE = 2_000_000;
/**
 * One look may fall on a moment in which the machine is busy, or a packet was lost and came late: the fastest answers count.
 * Of 15 % lost packets, at a round trip of 20 to 100 ms, three looks are not enough for one join in ten.
 */
const LOOKS = 5;
/**
 * Beside media a look takes from a thin link what the sound needs: there is one more at most, and where the first found it thin
 * not before the key frames of the start are through.
 */
const LOOKS_IN_CALL = 2;
const BETWEEN_IN_CALL_MS = 4000;

/**
 * Finds out how many bits per second get through from the server, by the time that some kilobytes take beyond a round trip, and
 * says it after each look. It is rough, and less than there is where something else is loading. Rejects where the server does
 * not answer.
 */
export async function measureDownlink(
  request: Request,
  found: (bps: number) => void,
  isInCall: () => boolean,
): Promise<void> {
  let roundTrip = Infinity;
  let padded = Infinity;
  for (let look = 0; look < (isInCall() ? LOOKS_IN_CALL : LOOKS); look += 1) {
    const asked = performance.now();
    const after = () => performance.now() - asked;
    // Together: what is on its way already has both wait.
    const [pinged, { took, bits }] = await Promise.all([
      request('session.ping', {}).then(after),
      request('media.measure', {}).then(({ padding }) => ({ took: after(), bits: padding.length * 8 })),
    ]);
    roundTrip = Math.min(roundTrip, pinged);
    padded = Math.min(padded, took);
    const bps = Math.round((bits * 1000) / Math.max(1, padded - roundTrip));
    // One ping alone may have been late, as behind what a page loads; then all that came after it seems to have come at once.
    const isSure = look > 0 || (bits * 1000) / padded >= WIDE;
    if (isSure || bps < WIDE) found(bps);
    if (isSure && bps >= WIDE) return;
    if (isInCall() && bps < WIDE) await new Promise((resolve) => setTimeout(resolve, BETWEEN_IN_CALL_MS));
  }
}
