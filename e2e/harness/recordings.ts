import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '@amphi/egress';
import type { Person } from './person.ts';
import type { Server } from './server.ts';

/** As a host with the page of the call before them. */
export async function startRecording(host: Person): Promise<void> {
  await host.press('Recording');
  await host.page.getByRole('button', { name: 'Start recording' }).click();
}

/** The only recording of a server, as it is on the disk now. Rejects until there is one. */
export async function onDisk({ dataDir }: Server): Promise<Manifest & { folder: string }> {
  const recordings = join(dataDir, 'recordings');
  const [id = ''] = await readdir(recordings);
  const folder = join(recordings, id);
  return { ...(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest), folder };
}

/** The parts of each camera that is recorded so far; none before the manifest is written, a moment after its folder is made. */
export async function camerasOnDisk(server: Server): Promise<Manifest['tracks'][number]['parts'][]> {
  const { tracks } = await onDisk(server).catch(() => ({ tracks: [] as Manifest['tracks'] }));
  return tracks.filter(({ source }) => source === 'camera').map(({ parts }) => parts);
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
