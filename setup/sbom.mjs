// Writes what is shipped as a CycloneDX bill of materials: npm run sbom -- FILE
import { writeFileSync } from 'node:fs';
import { run } from './lib/run.mjs';

const [path = 'sbom.cdx.json'] = process.argv.slice(2);
const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit=dev', '--package-lock-only'];
const { code, output } = await run('npm', args, { capture: true });
if (code === 0) {
  writeFileSync(path, output.slice(output.indexOf('{')));
  process.stdout.write(`${path}\n`);
} else {
  process.stderr.write(output);
  process.exitCode = 1;
}
