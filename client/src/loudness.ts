/** Sound below this is silence, above that it is as loud as speech gets; in dBov (RFC 6464). */
const SILENCE_DB = -60;
const LOUD_DB = -15;

/** Loudness from 0 to 1, as people hear it, of a level in dBov (-127 to 0). */
export function loudnessOfDbov(level: number): number {
  return Math.min(1, Math.max(0, (level - SILENCE_DB) / (LOUD_DB - SILENCE_DB)));
}

/** Loudness from 0 to 1 of a linear amplitude (0 to 1), as `audioLevel` in getStats has it. */
export function loudnessOfAmplitude(amplitude: number): number {
  return amplitude <= 0 ? 0 : loudnessOfDbov(20 * Math.log10(amplitude));
}
