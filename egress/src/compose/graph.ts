import { CARD_COLOR, nameFilter } from './name-style.ts';
import type { Segment, Timeline } from './timeline.ts';

/** How far the limiter looks ahead. */
const LIMITER_MS = 5;

export type Canvas = { width: number; height: number; frameRate: number };

/**
 * The arguments of the ffmpeg that renders a segment without sound. Names come from files, so that nothing in them is read
 * as part of the filters: `textFile(index)` is the path of the name of tile `index`. It is run in the recording's folder.
 */
export function segmentArguments(
  { fromMs, toMs, tiles }: Segment,
  canvas: Canvas,
  textFile: (index: number) => string,
  output: string,
): string[] {
  const frames = Math.round(((toMs - fromMs) * canvas.frameRate) / 1000);
  const seconds = frames / canvas.frameRate;
  const { width, height, frameRate } = canvas;
  const inputs: string[] = [];
  const filters = [`color=c=0x16181d:s=${width}x${height}:r=${frameRate}:d=${seconds}[canvas0]`];
  let last = 'canvas0';
  for (const [index, { rect, picture }] of tiles.entries()) {
    const size = `${rect.width}:${rect.height}`;
    const source = picture ? `[${inputs.length / 4}:v:0]` : '';
    if (picture) inputs.push('-ss', (picture.atMs / 1000).toFixed(3), '-i', picture.file);
    const content = picture
      ? // The last picture stays where the track ends a moment early.
        `${source}fps=${frameRate}:start_time=0,scale=${size}:force_original_aspect_ratio=decrease,` +
        `pad=${size}:-1:-1:color=black,setsar=1,tpad=stop=-1:stop_mode=clone`
      : `color=c=${CARD_COLOR}:s=${rect.width}x${rect.height}:r=${frameRate}`;
    const name = nameFilter(rect, picture !== undefined, textFile(index));
    filters.push(
      `${content},${name},format=yuv420p[tile${index}]`,
      `[${last}][tile${index}]overlay=x=${rect.x}:y=${rect.y}:shortest=0:eof_action=repeat[canvas${index + 1}]`,
    );
    last = `canvas${index + 1}`;
  }
  return [
    ...['-v', 'error', '-nostdin', '-y', ...inputs],
    ...['-filter_complex', filters.join(';'), '-map', `[${last}]`, '-frames:v', `${frames}`],
    // Without B-frames each segment begins at 0 and ends on its last frame, so that they can be put together as they are.
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-bf', '0', '-g', `${frameRate * 4}`],
    ...['-pix_fmt', 'yuv420p', '-video_track_timescale', `${frameRate * 512}`, '-f', 'mp4', output],
  ];
}

/** The arguments of the ffmpeg that mixes all sound, to AAC. It is run in the recording's folder. */
export function soundArguments({ sounds, durationMs }: Timeline, output: string): string[] {
  const inputs = sounds.flatMap(({ file, atMs }) =>
    atMs < 0 ? ['-ss', (-atMs / 1000).toFixed(3), '-i', file] : ['-i', file],
  );
  const seconds = durationMs / 1000;
  // Gaps in a track, of silence that was not sent or of loss, are filled, or everything behind them would come too early.
  // The resampler is there from the beginning on (`flags=res`): where it is first made to follow a drift, time begins anew.
  const delayed = sounds.map(
    ({ atMs }, index) =>
      `[${index}:a:0]aresample=48000:flags=res:async=1000:min_hard_comp=0.015:first_pts=0,aformat=channel_layouts=stereo,` +
      `adelay=${Math.max(0, Math.round(atMs))}:all=1[sound${index}]`,
  );
  const mix =
    sounds.length === 0
      ? `anullsrc=r=48000:cl=stereo,atrim=end=${seconds}[mix]`
      : `${sounds.map((_, index) => `[sound${index}]`).join('')}amix=inputs=${sounds.length}:normalize=0:` +
        `dropout_transition=0,alimiter=limit=0.95:level=0:attack=${LIMITER_MS},` +
        // It looks ahead, so what comes out of it is late.
        `atrim=start=${LIMITER_MS / 1000},asetpts=PTS-STARTPTS,apad,atrim=end=${seconds}[mix]`;
  return [
    ...['-v', 'error', '-nostdin', '-y', ...inputs, '-filter_complex', [...delayed, mix].join(';')],
    ...['-map', '[mix]', '-c:a', 'aac', '-b:a', '128k', '-f', 'mp4', output],
  ];
}

/** The arguments of the ffmpeg that puts the parts together; `list` and `metadata` as the functions below write them. */
export function joinArguments(
  files: { list: string | undefined; sound: string; metadata: string },
  output: string,
): string[] {
  const { list, sound, metadata } = files;
  const video = list === undefined ? [] : ['-f', 'concat', '-safe', '0', '-i', list];
  const soundIndex = list === undefined ? 0 : 1;
  return [
    ...['-v', 'error', '-nostdin', '-y', ...video, '-i', sound, '-i', metadata],
    ...(list === undefined ? [] : ['-map', '0:v']),
    ...['-map', `${soundIndex}:a`, '-map_metadata', `${soundIndex + 1}`, '-map_chapters', `${soundIndex + 1}`],
    ...['-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', output],
  ];
}

/** What ffmpeg's concat demuxer reads. The files are ours, with plain names. */
export function concatList(files: readonly string[]): string {
  return `ffconcat version 1.0\n${files.map((file) => `file '${file}'\n`).join('')}`;
}

/** Title and chapters in ffmpeg's metadata format. */
export function chapterMetadata(
  { chapters, durationMs }: Pick<Timeline, 'chapters' | 'durationMs'>,
  title: string,
): string {
  const escape = (text: string) => text.replaceAll(/[=;#\\\n]/g, (character) => `\\${character}`);
  const entries = chapters.map(({ atMs, title: name }, index) => {
    const end = chapters[index + 1]?.atMs ?? durationMs;
    return `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${Math.round(atMs)}\nEND=${Math.round(end)}\ntitle=${escape(name)}\n`;
  });
  return `;FFMETADATA1\ntitle=${escape(title)}\n${entries.join('')}`;
}
