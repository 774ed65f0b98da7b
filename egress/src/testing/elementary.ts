import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { avcC, lengthPrefixed, NAL } from '../codecs/h264.ts';
import { sizeOfSps } from '../codecs/sps.ts';
import type { ProgramAudio, ProgramFrame, ProgramRendition } from '../program/program.ts';

/** What an encoder made, as a program tells it: times begin with 0, and the wall clock with the epoch. */
export type Elementary<Format> = { format: Format; frames: ProgramFrame[] };

async function encode(args: readonly string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'error', ...args, 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}

/** A test picture by ffmpeg and x264, without B-frames. */
export async function encodeVideo(options: {
  width: number;
  height: number;
  seconds: number;
  fps?: number;
  /** From one key frame to the next, in frames. */
  keyEvery?: number;
  kilobits?: number;
}): Promise<Elementary<ProgramRendition>> {
  const { width, height, seconds, fps = 30, keyEvery = fps * 2, kilobits = 600 } = options;
  const stream = await encode([
    ...['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', `${keyEvery}`, '-keyint_min', `${keyEvery}`, '-sc_threshold', '0', '-b:v', `${kilobits}k`],
    ...['-x264-params', 'aud=1:sliced-threads=0', '-f', 'h264'],
  ]);
  let [sps, pps]: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  const pictures: { units: Buffer[]; keyFrame: boolean }[] = [];
  for (const unit of unitsOf(stream)) {
    const type = (unit[0] ?? 0) & 0x1f;
    if (type === NAL.delimiter) pictures.push({ units: [], keyFrame: false });
    else if (type === NAL.sps) sps = unit;
    else if (type === NAL.pps) pps = unit;
    else if (type === 1 || type === NAL.idr) {
      const picture = pictures.at(-1);
      picture?.units.push(unit);
      if (picture && type === NAL.idr) picture.keyFrame = true;
    }
  }
  const frames = pictures.map(({ units, keyFrame }, index) => {
    const timeUs = Math.round((index * 1_000_000) / fps);
    return { timeUs, wall: timeUs / 1000, keyFrame, data: lengthPrefixed(units) };
  });
  return { format: { ...sizeOfSps(sps), config: avcC({ sps, pps }) }, frames };
}

/** A tone by ffmpeg's AAC encoder. */
export async function encodeAudio({ seconds }: { seconds: number }): Promise<Elementary<ProgramAudio>> {
  const [sampleRate, channels] = [48_000, 2];
  const stream = await encode([
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}:duration=${seconds}`],
    ...['-ac', `${channels}`, '-c:a', 'aac', '-b:a', '96k', '-f', 'adts'],
  ]);
  const frames: ProgramFrame[] = [];
  for (let at = 0; at + 7 <= stream.length;) {
    const length = ((stream.readUIntBE(at + 3, 3) >> 5) & 0x1fff) >>> 0;
    if (length < 7) break;
    const timeUs = Math.round((frames.length * 1024 * 1_000_000) / sampleRate);
    frames.push({ timeUs, wall: timeUs / 1000, keyFrame: true, data: stream.subarray(at + 7, at + length) });
    at += length;
  }
  return { format: { sampleRate, channels, config: Buffer.from([0x11, 0x90]) }, frames };
}

/** The units between start codes (ITU-T H.264 annex B). */
function unitsOf(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  const code = Buffer.from([0, 0, 1]);
  for (let at = stream.indexOf(code); at >= 0;) {
    const start = at + 3;
    at = stream.indexOf(code, start);
    let end = at < 0 ? stream.length : at;
    while (end > start && stream[end - 1] === 0) end -= 1;
    units.push(stream.subarray(start, end));
  }
  return units;
}
