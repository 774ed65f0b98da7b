import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTapLab, type TapLab } from '@amphi/media/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compose } from '../compose/compose.ts';
import { type Beat, type BeatTrack, makeBeat } from '../testing/beat.ts';
import { startBeatRoom } from '../testing/beat-room.ts';
import { beepsIn, durationOf, flashesIn } from '../testing/read-film.ts';
import { createRecorder } from './recorder.ts';

// Two people whose pictures flash and whose microphones beep with each second of the clock on the wall. Their packets go
// through a real worker; what is asked is when flashes and beeps are seen and heard in the film that ffmpeg makes of it.

const SECONDS = 24;
const [ADA_HZ, BOB_HZ] = [1000, 2200];
// Not while something beeps.
const MUTED = { from: 9500, to: 13_500 };
const BOB_JOINS = 5000;

let folder: string;
let lab: TapLab;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-sync-'));
  lab = await startTapLab(['vp8']);
});
afterEach(async () => {
  lab.close();
  await rm(folder, { recursive: true, force: true });
});

it(
  'shows flashes and plays beeps when they were, of two people who join, mute and are on their way for as long as they like',
  { timeout: 240_000 },
  async () => {
    const [adasBeat, bobsBeat]: [Beat, Beat] = [await makeBeat(folder, ADA_HZ), await makeBeat(folder, BOB_HZ)];
    const { room, join: joinRoom, logger, add, stop } = await startBeatRoom(lab);
    // Sound and picture begin together in the middle of what each packet has: none is on the border between two seconds.
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
    const recorder = createRecorder({ folder, room: () => room, logger, minFreeBytes: 0 });
    await until(0);
    const recording = await recorder.start({
      ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
    });

    await until(BOB_JOINS);
    await joinRoom('bob');
    // The clock of his machine is wrong, and his microphone is far away.
    const wallOff = -7000;
    const bobsMicrophone = await add(
      'bob',
      bobsBeat,
      'audio',
      {
        ...{ clock: { drift: -200e-6, rtp: 5 }, wallOff, reportEveryMs: 5000 },
        delay: () => 150,
      },
      startedAt + BOB_JOINS + 200,
    );
    const bobsCamera = await add(
      'bob',
      bobsBeat,
      'video',
      {
        ...{ clock: { drift: 150e-6, rtp: 0xffff_ff00 }, wallOff, reportEveryMs: 1000 },
        delay: () => 60,
      },
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

    const made = recording.manifest;
    const path = recorder.folderOf(made.id) ?? '';
    await compose({ manifest: made, folder: path, layout: 'grid', height: 720, output: 'film.mp4' });
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
    const bounds = [SECONDS - 3, SECONDS - BOB_JOINS / 1000 - 3];
    for (const [index, { truth }] of [read.adasFlashes, read.bobsFlashes].entries()) {
      expect(truth.length).toBeGreaterThan(bounds[index] ?? 0);
    }
    for (const [what, { found, truth }] of Object.entries(read)) {
      const errors = truth.map((time) => Math.min(...found.map((other) => Math.abs(other - time))));
      expect(Math.max(...errors), `${what}, by the clock on the wall: ${errors.join(' ')}`).toBeLessThan(0.04);
    }
    // What was not sent is not heard.
    const [from, to] = [MUTED.from, MUTED.to].map((ms) => (startedAt + ms - made.startedAt) / 1000);
    expect(read.adasBeeps.found.filter((time) => time > (from ?? 0) + 0.2 && time < (to ?? 0))).toEqual([]);

    const apart = (these: readonly number[], those: readonly number[]): number[] =>
      these.flatMap((time) => {
        const nearest = Math.min(...those.map((other) => Math.abs(other - time)));
        return nearest < 0.45 ? [nearest * 1000] : [];
      });
    const { adasFlashes, adasBeeps, bobsFlashes, bobsBeeps } = read;
    const differences = {
      'flash and beep of Ada': apart(adasBeeps.found, adasFlashes.found),
      'flash and beep of Bob': apart(bobsBeeps.found, bobsFlashes.found),
      'the beeps of both': apart(bobsBeeps.found, adasBeeps.found),
      'the flashes of both': apart(bobsFlashes.found, adasFlashes.found),
    };
    for (const [what, values] of Object.entries(differences)) {
      expect(values.length, what).toBeGreaterThan(10);
      expect(Math.max(...values), `milliseconds between ${what}: ${values.map(Math.round).join(' ')}`).toBeLessThan(40);
    }
  },
);
