import type { Finding } from './finding.ts';

const MARKS = { ok: 'ok', warn: 'NOTE', failed: 'FAIL', skipped: '-' } as const;

/** The findings as a person reads them, and a last line that says what they come to. */
export function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ title }) => title.length));
  const lines = findings.flatMap(({ state, title, found, cure }) => [
    `  ${MARKS[state].padEnd(5)} ${title.padEnd(width)}  ${found}`,
    ...(cure === undefined || state === 'ok' ? [] : [`        ${''.padEnd(width)}  → ${cure}`]),
  ]);
  const count = (wanted: Finding['state']) => findings.filter(({ state }) => state === wanted).length;
  const end =
    count('failed') > 0
      ? `${count('failed')} to mend, ${count('warn')} to note.`
      : `All is well, ${count('warn')} to note.`;
  return [...lines, '', end, ''].join('\n');
}
