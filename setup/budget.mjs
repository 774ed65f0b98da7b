// How much JavaScript the pages load before anything that they load later, compressed, held against budgets.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './lib/paths.mjs';

/** What is loaded together, and how much of it there may be, in KB. */
const BUDGETS = [
  { what: 'The call page', keys: ['index.html'], most: 120 },
  // With all of the call page, because a viewer comes on stage without another load.
  { what: 'The watch page', keys: ['index.html', 'src/watch/watch-page.tsx'], most: 140 },
  // Fetched by those only who watch the stream, in browsers that do not play it by themselves.
  { what: 'The player of the stream', keys: ['src/watch/hls-js.ts'], without: 'index.html', most: 190 },
];

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

for (const { what, keys, without, most } of BUDGETS) {
  const there = without === undefined ? new Set() : loadedWith(manifest, without);
  const loaded = new Set(keys.flatMap((key) => [...loadedWith(manifest, key)]));
  const sizes = [...loaded]
    .filter((key) => !there.has(key))
    .map((key) => manifest[key].file)
    .map((file) => ({ file, bytes: gzipSync(readFileSync(join(dist, file))).length }))
    .toSorted((a, b) => b.bytes - a.bytes);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  process.stdout.write(`${what}:\n`);
  for (const { file, bytes } of sizes) process.stdout.write(`${kilobytes(bytes).padStart(8)} KB  ${file}\n`);
  process.stdout.write(`${kilobytes(total).padStart(8)} KB  in all, compressed, of ${most} KB\n`);
  if (total > most * 1024) {
    process.stdout.write(`${what} loads too much at once: import what it does not need at first with import().\n`);
    process.exitCode = 1;
  }
}
