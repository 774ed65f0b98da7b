import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** Chapter V17 of ASVS 5.0 has these. */
const REQUIREMENTS = [
  ...['17.1.1', '17.1.2'],
  ...['17.2.1', '17.2.2', '17.2.3', '17.2.4', '17.2.5', '17.2.6', '17.2.7', '17.2.8'],
  ...['17.3.1', '17.3.2'],
];

/** The tests that a text names: a file in backquotes and a colon, then titles in quotes. */
function testsIn(section: string): { file: string; title: string }[] {
  const parts = section.split(/`([\w./-]+\.(?:test|spec)\.tsx?)`:/);
  return parts.flatMap((part, index) => {
    const file = parts[index - 1];
    if (index % 2 === 1 || file === undefined) return [];
    // Titles follow the file at once; what is quoted later is prose.
    const [titles = ''] = /^(?:[\s·]*"[^"]+")+/.exec(part) ?? [];
    return [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title: title.replace(/\s+/g, ' ') }));
  });
}

const named = testsIn(text);

test('SECURITY.md maps every requirement of ASVS 5.0 V17, in order and once', () => {
  expect([...text.matchAll(/^\*\*(\d+\.\d+\.\d+) /gm)].map(([, id]) => id)).toEqual(REQUIREMENTS);
});

test('each requirement names its tests, or says that it is not there yet', () => {
  const sections = text.split(/^(?=\*\*\d+\.\d+\.\d+ |#)/m).filter((section) => section.startsWith('**17'));
  const bare = sections.filter((section) => testsIn(section).length === 0 && !section.includes('**Not there yet**'));
  expect(bare.map((section) => section.slice(0, 60))).toEqual([]);
});

describe('the tests that SECURITY.md names are there', () => {
  test('and they are many', () => {
    expect(named.length).toBeGreaterThan(30);
    const files = [...text.matchAll(/`([\w./-]+\.(?:test|spec)\.tsx?)`:/g)].map(([, file]) => file);
    expect(files.filter((file) => !named.some((each) => each.file === file))).toEqual([]);
  });

  test.each(named)('$file: $title', ({ file, title }) => {
    const path = join(root, file);
    expect(existsSync(path), file).toBe(true);
    const source = readFileSync(path, 'utf8').replace(/\\'/g, "'");
    const quoted = ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
    expect(quoted, `no test is called so in ${file}`).toBe(true);
  });
});
