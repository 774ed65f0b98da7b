import fc from 'fast-check';

/** Values at which parsers, schemas and workers have their edges. */
const EDGES: unknown[] = [
  null,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  0,
  -1,
  1.5,
  255,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  true,
  false,
  [],
  {},
  [[]],
  JSON.parse('{"__proto__":{"x":1}}'),
];

const anything = fc.oneof(fc.constantFrom(...EDGES), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>);

type Path = readonly (string | number)[];

/** A change to an input: at one place of it something else, nothing, or the same several times over. */
export type Change = { at: number; what: 'replace' | 'remove' | 'repeat'; value: unknown };

/** What comes from a client that is broken or evil: any JSON, or a good input with some places changed. */
export type Attempt = { any: unknown } | { changes: Change[] };

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  what: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat'),
  value: anything,
});

/** Attempts at a method; more of them near a good input than far from it, because those get further. */
export const attempts: fc.Arbitrary<Attempt> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ any: anything }) },
  { weight: 4, arbitrary: fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 3 }) }) },
);

/** The input that an attempt makes of a good one. */
export function inputOf(attempt: Attempt, good: unknown): unknown {
  if ('any' in attempt) return attempt.any;
  return attempt.changes.reduce<unknown>(applyChange, structuredClone(good));
}

function applyChange(input: unknown, { at, what, value }: Change): unknown {
  const paths = pathsOf(input);
  const path = paths[at % paths.length] ?? [];
  const key = path.at(-1);
  if (key === undefined) return what === 'replace' ? value : input;
  const holder = path.slice(0, -1).reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], input);
  if (Array.isArray(holder)) {
    const index = Number(key);
    if (what === 'repeat') holder.push(...Array<unknown>(20).fill(holder[index]));
    else holder.splice(index, 1, ...(what === 'replace' ? [value] : []));
  } else if (what === 'remove') {
    delete (holder as Record<string, unknown>)[key];
  } else {
    (holder as Record<string, unknown>)[key] = value;
  }
  return input;
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.keys(value).flatMap((key) => pathsOf((value as Record<string, unknown>)[key], [...path, key])),
  ];
}
