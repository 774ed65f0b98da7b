import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { hashOf } from '../lib/hash.mjs';
import { modules, root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { say, step } from '../lib/say.mjs';

function packagesOf(lockfile) {
  return Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages);
}

/** Whether an `npm install` by hand has already put there what package-lock.json asks for. */
function isInstalled() {
  const hidden = join(modules, '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = new Map(packagesOf(hidden));
  return packagesOf(join(root, 'package-lock.json'))
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.optional)
    .every(([path, entry]) => installed.get(path)?.version === entry.version);
}

/** Installs the npm packages that package-lock.json names, unless they are there already. */
export async function ensureDeps() {
  const marker = join(modules, '.amphi-lock');
  const wanted = hashOf(root, ['package-lock.json']);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  if (!isInstalled()) {
    await step('installing npm packages', async () => {
      // loglevel=error: some packages warn about Node 20, under which they never run here.
      const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      const { code, output } = await run('npm', ['ci', ...flags], { capture: true });
      if (code === 0) return;
      // npm says the reason first, and after it how to use npm.
      say(output.split('\n').slice(0, 20).join('\n'));
      throw new Failure('npm ci failed (see above); check that the npm registry can be reached and try again.');
    });
  }
  writeFileSync(marker, wanted);
}
