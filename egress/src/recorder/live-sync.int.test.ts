import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTapLab, type TapLab } from '@amphi/media/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { finishLiveFilm } from '../compose/finish-live.ts';
import { TranscodeBudget } from '../program/budget.ts';
import { type Beat, type BeatTrack, makeBeat } from '../testing/beat.ts';
import { startBeatRoom } from '../testing/beat-room.ts';
import { beepsIn, durationOf, flashesIn } from '../testing/read-film.ts';
import { openFilmProgram } from './film-program.ts';
import type { NotLive } from './live-composer.ts';
import { createRecorder } from './recorder.ts';

// As sync.int.test.ts, of the film that is made while it is recorded: there is no second look at what came.

const SECONDS = 12;
const BOB_JOINS = 4000;
const [ADA_HZ, BOB_HZ] = [1000, 2200];
const MUTED = { from: 7500, to: 9500 };

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

it('has each flash and each beep where it was, from the first second to the last', { timeout: 240_000 }, async () => {
  const [adasBeat, bobsBeat]: [Beat, Beat] = [await makeBeat(folder, ADA_HZ), await makeBeat(folder, BOB_HZ)];
  const { room, join: joinRoom, logger, add, stop } = await startBeatRoom(lab);
  const startedAt = Math.ceil(Date.now() / 1000 + 0.5) * 1000 + 10;
  const until = (ms: number) => sleep(Math.max(0, startedAt + ms - Date.now()));

  await joinRoom('ada');
  const adasMicrophone = await add(
    'ada',
    adasBeat,
    'audio',
    {
      ...{ clock: { drift: 100e-6, rtp: 0xffff_0000 }, wallOff: 0, reportEveryMs: 5000 },
      delay: (at) => 40 + 25 * Math.sin(at / 700),
    },
    startedAt,
  );
  const adasCamera = await add(
    'ada',
    adasBeat,
    'video',
    {
      ...{ clock: { drift: 0, rtp: 123_456_789 }, wallOff: 0, reportEveryMs: 1000 },
      delay: (at) => 180 + 20 * Math.cos(at / 900),
    },
    startedAt,
  );
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

  await until(BOB_JOINS);
  await joinRoom('bob');
  // The clock of his machine is wrong, and his microphone is far away.
  const wallOff = -7000;
  const bobsMicrophone = await add(
    'bob',
    bobsBeat,
    'audio',
    { ...{ clock: { drift: -200e-6, rtp: 5 }, wallOff, reportEveryMs: 5000 }, delay: () => 150 },
    startedAt + BOB_JOINS + 200,
  );
  const bobsCamera = await add(
    'bob',
    bobsBeat,
    'video',
    { ...{ clock: { drift: 150e-6, rtp: 0xffff_ff00 }, wallOff, reportEveryMs: 1000 }, delay: () => 60 },
    startedAt + BOB_JOINS + 200,
  );
  await until(MUTED.from);
  await lab.pause(adasMicrophone.id);
  await room.tracks.update('ada', { producerId: adasMicrophone.id, muted: true });
  adasMicrophone.track.skip(startedAt + MUTED.to);
  await until(MUTED.to);
  await lab.resume(adasMicrophone.id);
  await room.tracks.update('ada', { producerId: adasMicrophone.id, muted: false });
  await until(SECONDS * 1000);
  await recording.stop();
  await stop();
  expect(notLive).toEqual([]);

  const made = recording.manifest;
  const path = recorder.folderOf(made.id) ?? '';
  expect(await finishLiveFilm({ manifest: made, folder: path, output: 'film.mp4' })).toBe(true);
  const film = join(path, 'film.mp4');
  const took = ((made.endedAt ?? 0) - made.startedAt) / 1000;
  expect(Math.abs((await durationOf(film)) - took) / took).toBeLessThan(0.005);

  /** Onsets that were recorded, in seconds of the film, but for those at its very ends. */
  const inFilm = ({ track }: { track: BeatTrack }): number[] =>
    track.onsets.map((at) => (at - made.startedAt) / 1000).filter((time) => time > 0.1 && time < took - 0.3);
  const read = {
    adasFlashes: { found: await flashesIn(film, '100:100:270:310'), truth: inFilm(adasCamera) },
    adasBeeps: { found: await beepsIn(film, ADA_HZ), truth: inFilm(adasMicrophone) },
    bobsFlashes: { found: await flashesIn(film, '100:100:910:310'), truth: inFilm(bobsCamera) },
    bobsBeeps: { found: await beepsIn(film, BOB_HZ), truth: inFilm(bobsMicrophone) },
  };
  for (const [index, { truth }] of [read.adasFlashes, read.bobsFlashes].entries()) {
    expect(truth.length).toBeGreaterThan([SECONDS - 5, SECONDS - BOB_JOINS / 1000 - 3][index] ?? 0);
  }
  for (const [what, { found, truth }] of Object.entries(read)) {
    const errors = truth.map((time) => Math.round(1000 * Math.min(...found.map((other) => Math.abs(other - time)))));
    expect(Math.max(...errors), `${what}, milliseconds by the clock on the wall: ${errors.join(' ')}`).toBeLessThan(40);
  }
});
