import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'amphi-lint-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(scratch, '.oxlintrc.json'));
});

afterAll(() => rmSync(scratch, { recursive: true }));

/** Lints files that exist for this one call, and answers with the names of the rules that they break. */
function broken(files: Record<string, string>): string[] {
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(join(scratch, dirname(path)), { recursive: true });
    writeFileSync(join(scratch, path), source);
  }
  const linter = join(root, 'node_modules', '.bin', 'oxlint');
  const { stdout } = spawnSync(linter, ['--format=json'], { cwd: scratch, encoding: 'utf8' });
  for (const path of Object.keys(files)) rmSync(join(scratch, path));
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code.replace(/^.*\((.*)\)$/, '$1'));
}

/** What linting says about one file with one import. */
const importing = (path: string, specifier: string) => broken({ [path]: `export * from '${specifier}';\n` });

describe('imports go one way', () => {
  test.each([
    ['protocol/src/a.ts', '@amphi/rooms'],
    ['protocol/src/deep/a.ts', '../../../rooms/src/index.ts'],
    ['rooms/src/a.ts', '@amphi/media'],
    ['rooms/src/a.ts', '../../features/chat/protocol.ts'],
    ['media/src/a.ts', '@amphi/server'],
    ['egress/src/a.ts', '@amphi/features/chat/server.ts'],
    ['server/src/a.ts', '@amphi/client'],
    ['server/src/a.ts', '@amphi/features/chat/view.tsx'],
    ['client/src/a.ts', '@amphi/rooms'],
    ['client/src/a.ts', '@amphi/features/protocols.ts'],
    ['web/src/a.tsx', '@amphi/media'],
    ['cli/src/a.ts', '@amphi/server'],
    ['server/src/a.ts', '../../cli/src/main.ts'],
    ['web/src/a.tsx', '@amphi/features/chat/server.ts'],
    ['features/chat/protocol.ts', '@amphi/rooms'],
    ['features/chat/server.ts', '@amphi/client'],
    ['features/chat/server.ts', './view.tsx'],
    ['features/chat/client.ts', '../poll/client.ts'],
    ['features/chat/view.tsx', './server.ts'],
    ['features/chat/view.tsx', '../../web/src/call/page.tsx'],
    ['features/servers.ts', './chat/view.tsx'],
  ])('%s may not import %s', (path, specifier) => {
    expect(importing(path, specifier)).toEqual(['no-restricted-imports']);
  });

  test.each([
    ['rooms/src/a.ts', '@amphi/protocol'],
    ['client/src/a.ts', '@amphi/protocol/constants'],
    ['media/src/a.ts', '@amphi/rooms'],
    ['server/src/deep/a.ts', '../rooms/a.ts'],
    ['server/src/a.ts', '@amphi/features/servers.ts'],
    ['server/src/a.ts', '@amphi/features/chat/protocol.ts'],
    ['client/src/a.ts', '@amphi/protocol'],
    ['cli/src/a.ts', '@amphi/protocol/api'],
    ['web/src/a.tsx', '@amphi/features/chat/client.ts'],
    ['web/src/a.tsx', '@amphi/features/chat/view.tsx'],
    ['features/chat/server.ts', './protocol.ts'],
    ['features/chat/view.tsx', './client.ts'],
    ['features/chat/view.tsx', '../../web/src/ui/button.tsx'],
    ['features/servers.ts', './chat/server.ts'],
    ['server/src/a.test.ts', '@amphi/client'],
  ])('%s may import %s', (path, specifier) => {
    expect(importing(path, specifier)).toEqual([]);
  });
});

test('a cycle is refused', () => {
  const cycle = broken({
    'rooms/src/a.ts': "import { b } from './b.ts';\nexport const a = () => b();\n",
    'rooms/src/b.ts': "import { a } from './a.ts';\nexport const b = (): unknown => a();\n",
  });
  expect(new Set(cycle)).toEqual(new Set(['no-cycle']));
});
