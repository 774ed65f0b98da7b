import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpeg } from '../compose/compose.ts';
import type { Manifest } from '../recorder/manifest.ts';

/** In the folder of a recording: what stands for it, 640 by 360, and the small pictures of its first film in one. */
export const POSTER_FILE = 'poster.jpg';
export const STRIP_FILE = 'strip.jpg';

const MAX_CELLS = 100;
const COLUMNS = 10;
const CELL = { width: 160, height: 90 };
/** At least so much is between two of them: films have a key frame each four seconds. */
const MIN_INTERVAL_MS = 4000;
/** So many files are tried until there is a picture in one. */
const CANDIDATES = 4;

/** How the small pictures are laid out in their file: from left to right and top to bottom, one each `intervalMs`. */
export type Strip = { intervalMs: number; columns: number; count: number; width: number; height: number };

export function stripOf(durationMs: number): Strip {
  const intervalMs = Math.max(MIN_INTERVAL_MS, Math.ceil(durationMs / MAX_CELLS / 1000) * 1000);
  return { intervalMs, columns: COLUMNS, count: Math.max(1, Math.ceil(durationMs / intervalMs)), ...CELL };
}

/**
 * Makes the picture that stands for a recording: of the first camera, or of the first screen where there is none, past
 * what is black or blurred at the beginning. Answers false where nothing was to be seen; rejects with what ffmpeg said.
 */
export async function makePoster(manifest: Manifest, folder: string, signal?: AbortSignal): Promise<boolean> {
  const parts = manifest.tracks
    .filter(({ kind }) => kind === 'video')
    .toSorted((a, b) => Number(a.source === 'screen') - Number(b.source === 'screen'))
    .flatMap((track) => track.parts.filter(({ durationMs }) => durationMs > 0));
  let problem: unknown;
  for (const { file, durationMs } of parts.slice(0, CANDIDATES)) {
    const at = Math.min(2, durationMs / 3000).toFixed(2);
    const filter =
      'thumbnail=n=40,scale=640:360:force_original_aspect_ratio=decrease,setsar=1,pad=640:360:-1:-1:color=0x16181d';
    try {
      const args = ['-ss', at, '-i', file, '-frames:v', '1', '-vf', filter, '-q:v', '4'];
      if (await picture(args, folder, POSTER_FILE, signal)) return true;
    } catch (error) {
      if (signal?.aborted) throw error;
      problem = error;
    }
  }
  if (problem !== undefined) throw problem;
  return false;
}

/** Makes the small pictures of a film, from its key frames only. Rejects with what ffmpeg said. */
export async function makeStrip(durationMs: number, folder: string, film: string, signal?: AbortSignal): Promise<void> {
  const { intervalMs, columns, count, width, height } = stripOf(durationMs);
  const rows = Math.ceil(count / columns);
  const filter =
    `fps=fps=1000/${intervalMs}:start_time=0:round=up,scale=${width}:${height}:force_original_aspect_ratio=decrease,` +
    `setsar=1,pad=${width}:${height}:-1:-1,tile=${columns}x${rows}:nb_frames=${count}`;
  const args = ['-skip_frame', 'nokey', '-i', film, '-an', '-frames:v', '1', '-vf', filter, '-q:v', '5'];
  await picture(args, folder, STRIP_FILE, signal);
}

/** False where ffmpeg had nothing to make one of. */
async function picture(args: string[], folder: string, name: string, signal?: AbortSignal): Promise<boolean> {
  const incoming = join(folder, `.${name}.new`);
  try {
    await runFfmpeg(['-v', 'error', '-nostdin', '-y', ...args, '-f', 'mjpeg', incoming], { cwd: folder, signal });
    await rename(incoming, join(folder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'rename') {
      return false;
    }
    throw error;
  } finally {
    await rm(incoming, { force: true });
  }
}
