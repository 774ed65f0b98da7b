import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from './paths.mjs';
import { run } from './run.mjs';
import { say, seconds } from './say.mjs';
import { fromReport, single } from './tally.mjs';

/** Runs a command that passes or fails as a whole, and shows its output only when it fails. */
export async function quietly(name, command, args) {
  const since = performance.now();
  const { code, output } = await run(command, args, { capture: true });
  if (code === 0) say(`  ok    ${name} (${seconds(since)})`);
  else say(`  FAIL  ${name} (${seconds(since)})\n${output.trimEnd()}\n`);
  return single(name, code);
}

async function withReport(runner, suite, work) {
  const scratch = mkdtempSync(join(tmpdir(), 'amphi-report-'));
  const report = join(scratch, 'report.json');
  try {
    const code = await work(report);
    return fromReport(runner, suite, report, code);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs one vitest project. `quiet` shows its output only when it fails. */
export function vitest(project, { quiet = false } = {}) {
  return withReport('vitest', project, async (report) => {
    const since = performance.now();
    const { code, output } = await run(
      tool('vitest'),
      ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      { capture: quiet },
    );
    if (quiet) {
      say(`  ${code === 0 ? 'ok  ' : 'FAIL'}  ${project} tests (${seconds(since)})${code === 0 ? '' : `\n${output}`}`);
    }
    return code;
  });
}

export function playwright(config) {
  return withReport('playwright', 'browser tests', async (report) => {
    const { code } = await run(tool('playwright'), ['test', '-c', config, '--reporter=list,json'], {
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    });
    return code;
  });
}
