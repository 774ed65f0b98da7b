import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const RATE = 48_000;
/** How finely beeps are found, in samples: 1 ms. */
const WINDOW = RATE / 1000;
/** Above this is sound, of 32767; a beep comes after at least so much of the other. */
const LOUD = 2000;
const QUIET_MS = 100;

/** A stretch of a film, in seconds. */
export type Stretch = { from?: number; seconds?: number };

const stretchArguments = ({ from = 0, seconds }: Stretch): string[] => [
  ...['-ss', from.toFixed(3)],
  ...(seconds === undefined ? [] : ['-t', seconds.toFixed(3)]),
];

/** When the sound begins after silence, in seconds of the film. */
export async function beepsIn(film: string, stretch: Stretch = {}): Promise<number[]> {
  const output = ['-vn', '-ac', '1', '-ar', `${RATE}`, '-f', 's16le', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'error', ...stretchArguments(stretch), '-i', film, ...output], {
    encoding: 'buffer',
    maxBuffer: 512 * 1024 * 1024,
  });
  const found: number[] = [];
  let quiet = 0;
  for (let window = 0; (window + 1) * WINDOW * 2 <= stdout.length; window++) {
    let peak = 0;
    for (let sample = 0; sample < WINDOW; sample++) {
      peak = Math.max(peak, Math.abs(stdout.readInt16LE((window * WINDOW + sample) * 2)));
    }
    if (peak < LOUD) quiet += 1;
    else {
      if (quiet >= QUIET_MS) found.push((stretch.from ?? 0) + window / 1000);
      quiet = 0;
    }
  }
  return found;
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
