import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTapLab, type TapLab } from '@amphi/media/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compose } from '../compose/compose.ts';
import { type BeatPlan, errorsOf, startBeatCall } from '../testing/beat-call.ts';
import { createRecorder } from './recorder.ts';

// What is asked is when the flashes and beeps of two people are seen and heard in the film that ffmpeg makes of them.

const PLAN: BeatPlan = { bobJoins: 5000, muted: { from: 9500, to: 13_500 }, ends: 24_000 };

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
    const { room, logger, startedAt, until, goOn, stop } = await startBeatCall(lab, folder, PLAN);
    const recorder = createRecorder({ folder, room: () => room, logger, minFreeBytes: 0 });
    await until(0);
    const recording = await recorder.start({
      ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
    });
    const readBeats = await goOn();
    await recording.stop();
    await stop();

    const made = recording.manifest;
    const path = recorder.folderOf(made.id) ?? '';
    await compose({ manifest: made, folder: path, layout: 'grid', height: 720, output: 'film.mp4' });
    const { lengthError, onsets: read } = await readBeats(join(path, 'film.mp4'), made);
    expect(lengthError).toBeLessThan(0.005);
    expect(read.adasFlashes.truth.length).toBeGreaterThan(PLAN.ends / 1000 - 3);
    expect(read.bobsFlashes.truth.length).toBeGreaterThan((PLAN.ends - PLAN.bobJoins) / 1000 - 3);
    for (const [what, each] of Object.entries(read)) {
      const errors = errorsOf(each);
      expect(Math.max(...errors), `${what}, milliseconds by the clock on the wall: ${errors.join(' ')}`).toBeLessThan(
        40,
      );
    }
    // What was not sent is not heard.
    const [from, to] = [PLAN.muted.from, PLAN.muted.to].map((ms) => (startedAt + ms - made.startedAt) / 1000);
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
