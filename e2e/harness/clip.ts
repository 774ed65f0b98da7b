import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A film of moving colours with a tone: constrained baseline H.264 without B-frames, and Opus. */
export type Clip = {
  /** Matroska, for programs that read files. */
  path: string;
  /** The pictures, each an access unit with start codes. */
  pictures: Buffer[];
  framesPerSecond: number;
  remove(): void;
};

export type ClipOptions = {
  height?: number;
  /** In seconds. */
  keyFrameEvery?: number;
  framesPerSecond?: number;
  /** Kilobits per second of the picture, kept whatever it shows; by default as many as it takes. */
  kilobits?: number;
};

/** Makes it with the ffmpeg of the machine; undefined where that cannot. */
export function makeClip(seconds: number, options: ClipOptions = {}): Clip | undefined {
  const { height = 360, keyFrameEvery = 1, framesPerSecond = 15, kilobits } = options;
  const folder = mkdtempSync(join(tmpdir(), 'amphi-clip-'));
  const path = join(folder, 'clip.mkv');
  const stream = join(folder, 'clip.h264');
  const width = Math.round((height * 16) / 9 / 2) * 2;
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-profile:v',
    'baseline',
    '-g',
    `${framesPerSecond * keyFrameEvery}`,
    '-bf',
    '0',
  ];
  const rate =
    kilobits === undefined ? [] : ['-b:v', `${kilobits}k`, '-maxrate', `${kilobits}k`, '-bufsize', `${kilobits}k`];
  const filler = kilobits === undefined ? '' : ':nal-hrd=cbr';
  try {
    const input = [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=s=${width}x${height}:r=${framesPerSecond}`,
      '-f',
      'lavfi',
      '-i',
      'sine=f=440:r=48000',
    ];
    const sound = ['-c:a', 'libopus', '-ac', '2', '-af', 'volume=4'];
    const aud = ['-x264-params', `aud=1:repeat-headers=1:scenecut=0${filler}`, '-pix_fmt', 'yuv420p'];
    execFileSync('ffmpeg', ['-v', 'error', ...input, '-t', `${seconds}`, ...encode, ...rate, ...aud, ...sound, path]);
    execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-map', '0:v', '-c', 'copy', '-f', 'h264', stream]);
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { path, pictures: picturesOf(readFileSync(stream)), framesPerSecond, remove };
}

/** Cuts at the access unit delimiters. The first one has a short start code, and parameter sets ahead of it. */
function picturesOf(stream: Buffer): Buffer[] {
  const delimiter = Buffer.from([0, 0, 1, 9]);
  const starts: number[] = [];
  for (let at = stream.indexOf(delimiter); at >= 0; at = stream.indexOf(delimiter, at + 1)) {
    starts.push(starts.length === 0 ? 0 : stream[at - 1] === 0 ? at - 1 : at);
  }
  return starts.map((start, index) => stream.subarray(start, starts[index + 1] ?? stream.length));
}
