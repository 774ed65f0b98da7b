import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTapLab, type TapLab } from '@amphi/media/testing';
import { startedProcesses } from '@amphi/rooms/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { finishLiveFilm } from '../compose/finish-live.ts';
import { TranscodeBudget } from '../program/budget.ts';
import { type BeatPlan, errorsOf, startBeatCall } from '../testing/beat-call.ts';
import { openFilmProgram } from './film-program.ts';
import type { NotLive } from './live-composer.ts';
import { createRecorder } from './recorder.ts';

// As sync.load.test.ts, of the film that is made while it is recorded: there is no second look at what came.

const PLAN: BeatPlan = { bobJoins: 4000, muted: { from: 7500, to: 9500 }, ends: 14_000 };
/** In milliseconds of the call: when the machine has no time for what decodes and encodes, and when it has none for us. */
const PROGRAMS_STAND_STILL = { from: 4600, to: 6700 };
const ALL_STANDS_STILL = { from: 10_400, to: 12_300 };

let folder: string;
let lab: TapLab;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-live-sync-'));
  lab = await startTapLab(['vp8']);
});
afterEach(async () => {
  lab.close();
  await rm(folder, { recursive: true, force: true });
});

const ffmpegs = (): number[] =>
  startedProcesses().flatMap(({ pid, command }) => (/^\S*ffmpeg /.test(command) ? [pid] : []));

async function standStill(until: (ms: number) => Promise<void>): Promise<void> {
  await until(PROGRAMS_STAND_STILL.from);
  // One for each picture, one for all of them together, one for the sound.
  await expect.poll(() => ffmpegs().length, { timeout: 5000 }).toBeGreaterThanOrEqual(3);
  const pids = ffmpegs();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await until(PROGRAMS_STAND_STILL.to);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  await until(ALL_STANDS_STILL.from);
  const ms = ALL_STANDS_STILL.to - ALL_STANDS_STILL.from;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it.for([
  ['from the first second to the last', () => Promise.resolve()],
  ['also when the machine stands still for two seconds', standStill],
] as const)('has each flash and each beep where it was, %s', { timeout: 240_000 }, async ([, happens]) => {
  const { room, logger, until, goOn, stop } = await startBeatCall(lab, folder, PLAN);
  // The call has gone on for a moment.
  await until(2500);
  const notLive: NotLive[] = [];
  const recorder = createRecorder({
    ...{ folder, room: () => room, logger, minFreeBytes: 0 },
    filmProgram: (of, includes, choice) =>
      openFilmProgram({ room: of, includes, choice, budget: new TranscodeBudget(1), logger }),
  });
  const recording = await recorder.start({
    ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
    ...{ film: 'live', onNotLive: (reason) => notLive.push(reason) },
  });
  const [read] = await Promise.all([goOn(), happens(until)]);
  await recording.stop();
  await stop();
  expect(notLive).toEqual([]);

  const made = recording.manifest;
  const path = recorder.folderOf(made.id) ?? '';
  expect(await finishLiveFilm({ manifest: made, folder: path, output: 'film.mp4' })).toBe(true);
  const { lengthError, onsets } = await read(join(path, 'film.mp4'), made);
  expect(lengthError).toBeLessThan(0.005);
  expect(onsets.adasFlashes.truth.length).toBeGreaterThan(PLAN.ends / 1000 - 5);
  expect(onsets.bobsFlashes.truth.length).toBeGreaterThan((PLAN.ends - PLAN.bobJoins) / 1000 - 3);
  for (const [what, each] of Object.entries(onsets)) {
    const errors = errorsOf(each);
    expect(Math.max(...errors), `${what}, milliseconds by the clock on the wall: ${errors.join(' ')}`).toBeLessThan(40);
  }
});
