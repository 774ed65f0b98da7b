import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const RATE = 48_000;
/** So long a piece of sound is looked at for a tone, and how far it is to the next, in samples. */
const WINDOW = 240;
const STEP = 48;
/** Above half of a tone's amplitude (of 32767) it has begun: then half of the window has it. */
const LOUD = 7000;
const QUIET = 500;
const QUIET_MS = 100;

/** A stretch of a film, in seconds. */
export type Stretch = { from?: number; seconds?: number };

function stretchArguments({ from = 0, seconds }: Stretch): string[] {
  return ['-ss', from.toFixed(3), ...(seconds === undefined ? [] : ['-t', seconds.toFixed(3)])];
}

/** When a tone begins after its silence, in seconds of the film: from the decoded sound, to about a millisecond. */
export async function beepsIn(film: string, hertz: number, stretch: Stretch = {}): Promise<number[]> {
  const output = ['-vn', '-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', `${RATE}`, '-f', 's16le', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'error', ...stretchArguments(stretch), '-i', film, ...output], {
    encoding: 'buffer',
    maxBuffer: 512 * 1024 * 1024,
  });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  const found: number[] = [];
  let quiet = 0;
  for (let at = 0; at + WINDOW <= samples.length; at += STEP) {
    const level = amplitudeOf(samples.subarray(at, at + WINDOW), hertz);
    if (level < QUIET) quiet += STEP / (RATE / 1000);
    else if (level > LOUD) {
      if (quiet >= QUIET_MS) found.push((stretch.from ?? 0) + (at + WINDOW / 2) / RATE);
      quiet = 0;
    }
  }
  return found;
}

/** How much of a frequency is in a piece of sound: Goertzel's algorithm. */
function amplitudeOf(samples: Int16Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const power = before * before + last * last - coefficient * before * last;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** When the picture gets bright in a part of it (ffmpeg's `crop`), in seconds of the film. */
export async function flashesIn(film: string, crop: string, stretch: Stretch = {}): Promise<number[]> {
  const filter = `crop=${crop},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-`;
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', ...stretchArguments(stretch), '-i', film, '-vf', filter, '-f', 'null', '-'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const levels = [...stdout.matchAll(/pts_time:([\d.]+)\s+lavfi\.signalstats\.YAVG=([\d.]+)/g)];
  return levels.flatMap(([, time, level], index) => {
    const before = Number(levels[index - 1]?.[2] ?? 0);
    return Number(level) > 120 && before <= 120 ? [(stretch.from ?? 0) + Number(time)] : [];
  });
}

/** In seconds, as the container says it. */
export async function durationOf(film: string): Promise<number> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', film]);
  return Number(stdout);
}
