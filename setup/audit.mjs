// Asks the npm registry for known weaknesses of what is shipped. Ends with 1 when there is a high or critical one; where
// the registry does not answer the question, as in networks that only mirror packages, it says SKIP and ends with 0.
import { auditVerdict } from './lib/audit.mjs';
import { run } from './lib/run.mjs';

const { output } = await run('npm', ['audit', '--omit=dev', '--json'], { capture: true, timeout: 60_000 });
const { state, text } = auditVerdict(output);
process.stdout.write(`${text}\n`);
process.exitCode = state === 'bad' ? 1 : 0;
