// `npm run doctor`: examines this installation, with the same settings as the server, and says what to mend. `--json` says
// the findings as JSON; the exit code is 1 when there is anything to mend.
import { loadConfig } from '../config/load.ts';
import { FatalError } from '../fatal.ts';
import { examine, isHealthy } from './examine.ts';
import { report } from './print.ts';
import { trustSelfSigned } from './trust.ts';

try {
  const args = process.argv.slice(2);
  const config = loadConfig({ args: args.filter((arg) => arg !== '--json'), env: process.env });
  trustSelfSigned(config);
  const findings = await examine({ config, env: process.env });
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(findings, null, 2)}\n` : `\n${report(findings)}`);
  process.exitCode = isHealthy(findings) ? 0 : 1;
} catch (error) {
  if (!(error instanceof FatalError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
