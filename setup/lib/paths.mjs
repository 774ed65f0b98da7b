import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const modules = join(root, 'node_modules');

/** What is costly to make and belongs to the machine, not to one checkout. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amphi');

/** A command that a dependency brought. */
export function tool(name) {
  return join(modules, '.bin', name);
}
