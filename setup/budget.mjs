// How much JavaScript the call page loads before anything that it loads later, compressed, held against a budget.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './lib/paths.mjs';

const BUDGET_KB = 120;
const ENTRY = 'index.html';

const dist = join(root, 'web', 'dist');

/** The chunks of the manifest that `key` loads at once: itself and what it imports statically. */
function loadedWith(manifest, key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const imported of manifest[key].imports ?? []) loadedWith(manifest, imported, seen);
  }
  return seen;
}

function kilobytes(bytes) {
  return (bytes / 1024).toFixed(1);
}

const manifestPath = join(dist, '.vite', 'manifest.json');
if (!existsSync(manifestPath)) {
  process.stdout.write(
    'There is no build of the web client to measure; build it with `npx vite build web` (build.manifest on).\n',
  );
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
const sizes = [...loadedWith(manifest, ENTRY)]
  .map((key) => manifest[key].file)
  .map((file) => ({ file, bytes: gzipSync(readFileSync(join(dist, file))).length }))
  .toSorted((a, b) => b.bytes - a.bytes);
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);

for (const { file, bytes } of sizes) process.stdout.write(`${kilobytes(bytes).padStart(8)} KB  ${file}\n`);
process.stdout.write(`${kilobytes(total).padStart(8)} KB  in all, compressed, of ${BUDGET_KB} KB\n`);
if (total > BUDGET_KB * 1024) {
  process.stdout.write('The call page loads too much at once: import what it does not need at first with import().\n');
  process.exitCode = 1;
}
