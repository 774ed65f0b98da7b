// Writes what is shipped as a CycloneDX bill of materials: npm run sbom -- FILE
import { writeFileSync } from 'node:fs';
import { run } from './lib/run.mjs';

/** npm's mark on what only the tests and the tools need. */
const DEVELOPMENT = 'cdx:npm:package:development';

/**
 * The bill without what is not shipped. `npm sbom --omit=dev` would leave out as well what something shipped and a tool
 * both need.
 */
function shipped(bill) {
  const isTool = ({ properties = [] }) => properties.some(({ name }) => name === DEVELOPMENT);
  const gone = new Set(bill.components.filter(isTool).map((component) => component['bom-ref']));
  return {
    ...bill,
    components: bill.components.filter((component) => !isTool(component)),
    dependencies: bill.dependencies
      .filter(({ ref }) => !gone.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => !gone.has(other)) })),
  };
}

const [path = 'sbom.cdx.json'] = process.argv.slice(2);
const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--loglevel=error'];
const { code, output } = await run('npm', args, { capture: true });
if (code === 0) {
  writeFileSync(path, `${JSON.stringify(shipped(JSON.parse(output.slice(output.indexOf('{')))), null, 2)}\n`);
  process.stdout.write(`${path}\n`);
} else {
  process.stderr.write(output);
  process.exitCode = 1;
}
