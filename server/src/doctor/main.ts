// `npm run doctor`: examines this installation, with the same settings as the server, and says what to mend.
import { loadConfig } from '../config/load.ts';
import { FatalError } from '../fatal.ts';
import { examine, isHealthy } from './examine.ts';
import { report } from './print.ts';
import { trustSelfSigned } from './trust.ts';

try {
  const config = loadConfig({ args: process.argv.slice(2), env: process.env });
  trustSelfSigned(config);
  const findings = await examine({ config, env: process.env });
  process.stdout.write(`\n${report(findings)}`);
  process.exitCode = isHealthy(findings) ? 0 : 1;
} catch (error) {
  if (!(error instanceof FatalError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
