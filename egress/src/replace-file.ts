import { rename, writeFile } from 'node:fs/promises';

/**
 * Writes a file that only this server reads, in one go, so that a crash leaves the old one or the new one. Rejects as the
 * file system does.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const incoming = `${path}.new`;
  await writeFile(incoming, text, { mode: 0o600, flush: true });
  await rename(incoming, path);
}
