/** What must never stand in a log, by its shape. */
const SHAPES: readonly [what: string, shape: RegExp][] = [
  ['a signed token (JWT)', /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/g],
  ['a key in hex', /\b[0-9a-f]{64}\b/g],
  ['a TURN user name', /\b\d{10}:[\w-]{8,}/g],
  ['a TURN password (HMAC-SHA1)', /[A-Za-z0-9+/]{27}=/g],
  ['a password hash', /\b[\w-]{22}\.[\w-]{43}\b/g],
  ['a host link', /#host=|[?&](token|pass|secret|key|auth)=/g],
  ['a bearer', /\bBearer\s+\S{8,}/gi],
  ['a cookie', /amphi-admin=\S/g],
];

/** Session ids, which have no use to others, are 16 characters long, names of rooms have no capitals. */
const RANDOM = /(?<![\w/.-])[\w-]{32,}(?![\w/-]|\.\w)/g;

/**
 * What in the log looks like a secret, or is one of those that are `known`. Each is named by its kind and the words before
 * it, and not repeated.
 */
export function secretsIn(log: string, known: readonly string[] = []): string[] {
  const found: string[] = [];
  const report = (what: string, at: number) => {
    const before = log.slice(Math.max(0, log.lastIndexOf('\n', at) + 1), at).slice(-80);
    found.push(`${what} after "${before}"`);
  };
  for (const [what, shape] of SHAPES) {
    for (const { index } of log.matchAll(shape)) report(what, index);
  }
  for (const { index, 0: text } of log.matchAll(RANDOM)) {
    if (/[A-Z]/.test(text) && /[a-z]/.test(text) && /\d/.test(text)) report('a random key', index);
  }
  for (const secret of known) {
    const at = log.indexOf(secret);
    if (at >= 0) report('a known secret', at);
  }
  return found;
}
