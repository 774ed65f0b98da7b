/** From these on a weakness stops a release. */
const STOPPING = ['high', 'critical'];

/** What the output of `npm audit --json` comes to: { state: 'good' | 'bad' | 'unknown', text } */
export function auditVerdict(output) {
  const report = readJson(output);
  if (report?.metadata?.vulnerabilities === undefined) {
    const why = report?.message ?? output.trim().split('\n')[0] ?? 'no answer';
    return { state: 'unknown', text: `SKIP: npm audit (the registry does not answer it: ${why})` };
  }
  const found = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => STOPPING.includes(severity));
  if (found.length > 0) {
    const lines = found.map(({ name, severity, range }) => `  ${severity}: ${name} ${range}`);
    return { state: 'bad', text: `npm audit: weaknesses in what is shipped:\n${lines.join('\n')}` };
  }
  return { state: 'good', text: 'npm audit: nothing high or critical in what is shipped' };
}

/** npm writes warnings before the report, and errors after it. */
function readJson(output) {
  const [text] = /^\{\n[\s\S]*?\n\}$|^\{.*\}$/m.exec(output) ?? [];
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
