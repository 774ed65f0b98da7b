import { spawn } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../recorder/manifest.ts';
import { chapterMetadata, concatList, joinArguments, segmentArguments, soundArguments } from './graph.ts';
import type { Layout } from './layout.ts';
import { timelineOf } from './timeline.ts';

export type ComposeOptions = {
  manifest: Manifest;
  /** The recording's, where the film is put. */
  folder: string;
  layout: Layout;
  height: 720 | 1080;
  /** The film's name in the folder. */
  output: string;
  /** From 0 to 1. */
  onProgress?(done: number): void;
  /** Ends the ffmpeg that runs. */
  signal?: AbortSignal;
  ffmpeg?: string;
};

/** How the folder of what is not put together yet is called, in the recording's. */
export const WORK_PREFIX = '.compose-';
const FRAME_RATE = 30;
/** Sound and joining take about so much of the time of everything. */
const SOUND_SHARE = 0.1;

/**
 * Makes an MP4 (H.264 and AAC, with chapters) of a recording: each stretch of the same layout is rendered for itself, all
 * sound is mixed once, and what came of it is put together without encoding it again. Rejects with what ffmpeg said; then
 * there is no film, and nothing else is left behind.
 */
export async function compose(options: ComposeOptions): Promise<void> {
  const { manifest, folder, layout, height, output, onProgress } = options;
  const canvas = { width: (height * 16) / 9, height, frameRate: FRAME_RATE };
  const timeline = timelineOf(manifest, { layout, ...canvas });
  const work = await mkdtemp(join(folder, WORK_PREFIX));
  const inWork = (name: string) => join(work, name);
  try {
    const { ffmpeg: program, signal } = options;
    const ffmpeg = (args: string[]) => runFfmpeg(args, { cwd: folder, program, signal });
    const segments = layout === 'audio' ? [] : timeline.segments;
    let doneMs = 0;
    for (const [index, segment] of segments.entries()) {
      const textFile = (tile: number) => inWork(`name-${tile}.txt`);
      await Promise.all(segment.tiles.map(({ name }, tile) => writeFile(textFile(tile), name)));
      await ffmpeg(segmentArguments(segment, canvas, textFile, inWork(`${index}.mp4`)));
      doneMs += segment.toMs - segment.fromMs;
      onProgress?.((doneMs / timeline.durationMs) * (1 - SOUND_SHARE));
    }
    await ffmpeg(soundArguments(timeline, inWork('sound.mp4')));
    await writeFile(inWork('metadata.txt'), chapterMetadata(timeline, titleOf(manifest)));
    await writeFile(inWork('list.txt'), concatList(segments.map((_, index) => inWork(`${index}.mp4`))));
    const list = segments.length === 0 ? undefined : inWork('list.txt');
    const files = { list, sound: inWork('sound.mp4'), metadata: inWork('metadata.txt') };
    await ffmpeg(joinArguments(files, inWork('film.mp4')));
    await rename(inWork('film.mp4'), join(folder, output));
    onProgress?.(1);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Without the room's name, which lets people in: films are shared with strangers. */
export function titleOf({ startedAt }: Manifest): string {
  return `Recording of ${new Date(startedAt).toISOString().slice(0, 10)}`;
}

export type RunOptions = { cwd: string; program?: string | undefined; signal?: AbortSignal | undefined };

/** Runs ffmpeg behind everything else. Rejects with what it said, or when `signal` ended it. */
export async function runFfmpeg(args: string[], { cwd, program = 'ffmpeg', signal }: RunOptions): Promise<void> {
  // Calls come before films: the encoder gets what they leave.
  const child = spawn('nice', ['-n', '10', program, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${said.trim()}`);
}
