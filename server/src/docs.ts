// Writes docs/configuration.md, docs/metrics.md, docs/protocol.md and docs/openapi.json from the code; with --check only says whether they are up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationReference } from './config/reference.ts';
import { openApi } from './http/v1/openapi.ts';
import { metricsReference } from './metrics-reference.ts';
import { protocolReference } from './protocol-reference.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');

/** The generated pages by path. */
export function generatedDocs(): Map<string, string> {
  return new Map([
    [join(DOCS, 'configuration.md'), configurationReference()],
    [join(DOCS, 'metrics.md'), metricsReference()],
    [join(DOCS, 'protocol.md'), protocolReference()],
    [join(DOCS, 'openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`],
  ]);
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  for (const [path, text] of generatedDocs()) {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    if (check) {
      process.stderr.write(`${path} is not up to date: run node server/src/docs.ts\n`);
      process.exitCode = 1;
    } else {
      writeFileSync(path, text);
    }
  }
}
