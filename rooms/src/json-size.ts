const known = new WeakMap<object, number>();

/**
 * Bytes of a value's JSON; infinitely many where it is nested too deeply to be written. Remembered per object, because a broadcast hands the same event to every session; so do not
 * change an object after it was measured.
 */
export function jsonBytes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return measure(value);
  let bytes = known.get(value);
  if (bytes === undefined) {
    bytes = measure(value);
    known.set(value, bytes);
  }
  return bytes;
}

function measure(value: unknown): number {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    // JSON.stringify recurses; what a client sent may be a few thousand levels deep in a few kilobytes.
    if (error instanceof RangeError) return Infinity;
    throw error;
  }
  return json === undefined ? 0 : Buffer.byteLength(json);
}
