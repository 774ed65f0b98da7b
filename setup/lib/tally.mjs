import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './paths.mjs';

/**
 * What came of a suite: how many passed, and the names of those that failed, were skipped, or passed only at a second
 * try.
 */
export function tally({ passed = 0, failed = [], skipped = [], flaky = [] } = {}) {
  return { passed, failed, skipped, flaky };
}

export function sum(tallies) {
  return tally({
    passed: tallies.reduce((total, each) => total + each.passed, 0),
    failed: tallies.flatMap((each) => each.failed),
    skipped: tallies.flatMap((each) => each.skipped),
    flaky: tallies.flatMap((each) => each.flaky),
  });
}

/** A command that passes or fails as a whole. */
export function single(name, code) {
  return code === 0 ? tally({ passed: 1 }) : tally({ failed: [name] });
}

function fromVitest(report) {
  const result = tally();
  for (const file of report.testResults) {
    // A file that could not even be loaded has no tests to report.
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      result.failed.push(relative(root, file.name));
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') result.passed += 1;
      else if (test.status === 'failed') result.failed.push(test.fullName);
      else result.skipped.push(test.fullName);
    }
  }
  return result;
}

function fromPlaywright(report) {
  const result = tally();
  const visit = (suite, path) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        const name = [...path, spec.title].join(' > ');
        if (test.status === 'skipped') result.skipped.push(name);
        else if (test.status === 'unexpected') result.failed.push(name);
        else result.passed += 1;
        if (test.status === 'flaky') result.flaky.push(name);
      }
    }
    for (const inner of suite.suites ?? []) visit(inner, [...path, inner.title]);
  };
  for (const suite of report.suites) visit(suite, [suite.title]);
  for (const error of report.errors)
    result.failed.push(error.message?.split('\n')[0] ?? 'an error outside of the tests');
  return result;
}

const readers = { vitest: fromVitest, playwright: fromPlaywright };

/** Reads a runner's JSON report. A runner that failed without saying which test did counts as one failure. */
export function fromReport(runner, suite, path, code) {
  if (!existsSync(path)) return single(`${suite} (it ended before it could report)`, code === 0 ? 1 : code);
  const result = readers[runner](JSON.parse(readFileSync(path, 'utf8')));
  if (code !== 0 && result.failed.length === 0) result.failed.push(`${suite} (it ended with code ${code})`);
  return result;
}

function lines(list, word) {
  return list.map((name) => `${word}: ${name}\n`).join('');
}

/** The end of a run: whatever needs a look by name, then the totals alone on the last line. */
export function summary({ passed, failed, skipped, flaky }) {
  const totals = `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
  return `\n${lines(flaky, 'FLAKY')}${lines(skipped, 'SKIP')}${lines(failed, 'FAIL')}\n${totals}\n`;
}
