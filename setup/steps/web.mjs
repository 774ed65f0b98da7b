import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { hashOf } from '../lib/hash.mjs';
import { root, tool } from '../lib/paths.mjs';
import { run, tail } from '../lib/run.mjs';
import { say, step } from '../lib/say.mjs';

/** Builds the web client, unless the last build is of the same sources. */
export async function ensureWeb() {
  const marker = join(root, 'web', 'dist', '.amphi-inputs');
  const inputs = hashOf(
    root,
    ['web', 'client', 'protocol', 'features', 'package-lock.json'],
    (name) => !name.includes('.test.'),
  );
  if (existsSync(marker) && readFileSync(marker, 'utf8') === inputs) return;
  await step('building the web client', async () => {
    const { code, output } = await run(tool('vite'), ['build', 'web'], { capture: true });
    if (code !== 0) {
      say(tail(output));
      throw new Failure('The web client does not build; correct what vite reports above and try again.');
    }
  });
  writeFileSync(marker, inputs);
}
