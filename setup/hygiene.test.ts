import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const AREAS = [
  'protocol',
  'rooms',
  'media',
  'egress',
  'server',
  'client',
  'web',
  'features',
  'cli',
  'setup',
  'e2e',
  'bench',
];
const SKIPPED = new Set(['node_modules', 'dist', 'test-results', 'playwright-report']);

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

const read = (path: string) => readFileSync(path, 'utf8');
const named = (paths: string[]) => paths.map((path) => relative(root, path));

describe('sources', () => {
  /** Tests, generated files and catalogs of texts may be as long as their matter. */
  const exempt = /\.test\.tsx?$|\.spec\.ts$|generated|catalog|\/locales?\//;

  test('no file is longer than 400 lines', () => {
    const long = AREAS.flatMap((area) => filesBelow(join(root, area)))
      .filter((path) => /\.(tsx?|mjs|css)$/.test(path) && !exempt.test(path))
      .filter((path) => read(path).split('\n').length > 401);
    expect(named(long), 'these are too long; split each by its purposes').toEqual([]);
  });

  test('the web client loads nothing from other people’s servers', () => {
    const addressed = ['web', 'client', 'features']
      .flatMap((area) => filesBelow(join(root, area)))
      .filter((path) => /\.(tsx?|css|html|svg|json|webmanifest)$/.test(path) && !/\.test\.tsx?$/.test(path))
      .flatMap((path) =>
        [...read(path).matchAll(/https?:\/\/([\w.-]+)/g)]
          .filter(
            ([, host]) => !/^(www\.w3\.org|localhost|127\.0\.0\.1|([\w-]+\.)*example\.(com|org|net))$/.test(host ?? ''),
          )
          .map(([address]) => `${relative(root, path)}: ${address}`),
      );
    expect(addressed, 'these name a foreign server').toEqual([]);
  });
});

interface LockEntry {
  dev?: boolean;
  resolved?: string;
  link?: boolean;
}

interface Licensed {
  license?: string;
  /** How old packages say it. */
  licenses?: { type: string }[];
}

describe('dependencies', () => {
  const lock = JSON.parse(read(join(root, 'package-lock.json'))) as { packages: Record<string, LockEntry> };
  const locked = Object.entries(lock.packages);

  test('package-lock.json names no registry, so that any registry will do', () => {
    const bound = locked.filter(([, { resolved }]) => resolved?.startsWith('http'));
    expect(named(bound.map(([path]) => path)), 'delete "resolved" from these').toEqual([]);
  });

  test('what is shipped may be used freely', () => {
    const free = new Set([
      '0BSD',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      'BlueOak-1.0.0',
      'CC0-1.0',
      'ISC',
      'MIT',
      'MIT-0',
      'Python-2.0',
      'Unlicense',
      'Zlib',
    ]);
    // Data and a tool that the build of the web client reads and runs; nothing of them is in what it makes.
    const buildOnly = /node_modules\/(caniuse-lite|lightningcss)(-|$)/;
    const isFree = (licence: string): boolean => {
      const terms = licence.replace(/[()]/g, '');
      // With OR one of them is enough, with AND all must be.
      if (terms.includes(' OR ')) return terms.split(' OR ').some(isFree);
      return terms.split(' AND ').every((term) => free.has(term));
    };
    const unfree = locked
      .filter(([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link)
      // Optional packages for other systems are not there.
      .filter(([path]) => existsSync(join(root, path, 'package.json')) && !buildOnly.test(path))
      .map(([path]) => {
        const { license, licenses } = JSON.parse(read(join(root, path, 'package.json'))) as Licensed;
        return { path, license: license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none' };
      })
      .filter(({ license }) => !isFree(license));
    expect(unfree, 'these have another licence than the allowed ones').toEqual([]);
  });
});
