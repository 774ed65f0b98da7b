import { tool } from '../lib/paths.mjs';
import { quietly, vitest } from '../lib/suites.mjs';
import { sum, summary } from '../lib/tally.mjs';

/** Everything that takes seconds: lint, format, types and unit tests. Resolves to a tally. */
export async function quickSuites() {
  // The linter, the formatter and the compiler are native and use all cores anyway; the tests overlap with them.
  return sum(
    await Promise.all([
      quietly('lint', tool('oxlint'), []),
      quietly('format (npx oxfmt corrects it)', tool('oxfmt'), ['--check']),
      quietly('types', tool('tsc'), ['--build']),
      vitest('unit', { quiet: true }),
    ]),
  );
}

export async function check() {
  const result = await quickSuites();
  process.stdout.write(summary(result));
  return result.failed.length === 0 ? 0 : 1;
}
