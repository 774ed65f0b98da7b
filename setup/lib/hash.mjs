import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const SKIPPED = new Set(['node_modules', 'dist']);

function files(path, wanted) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !SKIPPED.has(name) && wanted(name))
    .toSorted()
    .flatMap((name) => files(join(path, name), wanted));
}

/** One short hash over the names and contents of files and folders below `base`. */
export function hashOf(base, paths, wanted = () => true) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((each) => files(join(base, each), wanted))) {
    hash
      .update(`${relative(base, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}
