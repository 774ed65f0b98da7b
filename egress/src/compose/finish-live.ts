import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIVE_FILM_FILE } from '../recorder/live-film.ts';
import { type ComposeOptions, runFfmpeg, titleOf, WORK_PREFIX } from './compose.ts';
import { chapterMetadata } from './graph.ts';
import { chaptersOf } from './timeline.ts';

/**
 * Makes the film of what was put together while it was recorded: chapters, and the index at the front, with nothing encoded
 * anew. Answers false where there is none. Rejects with what ffmpeg said; in either case the film can be composed of the
 * originals.
 */
export async function finishLiveFilm(options: Omit<ComposeOptions, 'layout' | 'height'>): Promise<boolean> {
  const { manifest, folder, output, ffmpeg: program, signal } = options;
  const live = join(folder, LIVE_FILM_FILE);
  if (!(await stat(live).catch(() => undefined))) return false;
  const work = await mkdtemp(join(folder, WORK_PREFIX));
  try {
    const durationMs = (manifest.endedAt ?? manifest.startedAt) - manifest.startedAt;
    const metadata = join(work, 'metadata.txt');
    const chapters = chaptersOf(manifest, durationMs);
    await writeFile(metadata, chapterMetadata({ chapters, durationMs }, titleOf(manifest)));
    const film = join(work, 'film.mp4');
    const inputs = ['-i', live, '-i', metadata, '-map', '0', '-map_metadata', '1', '-map_chapters', '1'];
    await runFfmpeg(
      ['-v', 'error', '-nostdin', '-y', ...inputs, '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', film],
      { cwd: folder, program, signal },
    );
    await rename(film, join(folder, output));
    return true;
  } finally {
    await rm(work, { recursive: true, force: true });
    // One that was stopped with the server is tried again.
    if (signal?.aborted !== true) await rm(live, { force: true });
  }
}
