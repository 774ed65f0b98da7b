const known = new WeakMap<object, number>();

/**
 * Bytes of a value's JSON. Remembered per object, because a broadcast hands the same event to every session; so do not
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
  const json: string | undefined = JSON.stringify(value);
  return json === undefined ? 0 : Buffer.byteLength(json);
}
