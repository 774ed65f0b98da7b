import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTapLab } from '@amphi/media/testing';
import { compose } from '../../egress/src/compose/compose.ts';
import { finishLiveFilm } from '../../egress/src/compose/finish-live.ts';
import { TranscodeBudget } from '../../egress/src/program/budget.ts';
import { openFilmProgram } from '../../egress/src/recorder/film-program.ts';
import { createRecorder } from '../../egress/src/recorder/recorder.ts';
import { startBeatRoom } from '../../egress/src/testing/beat-room.ts';
import { makeBeat } from '../../egress/src/testing/beat.ts';
import { beepsIn, durationOf, flashesIn } from '../../egress/src/testing/read-film.ts';

const HERTZ = 1000;
const CHOICE = { layout: 'grid', height: 720 } as const;

/**
 * Records somebody with a flash and a beep in each second, through a real worker and in real time, and reads both back from
 * the films: that of the originals, and the one that was made meanwhile. Prints how far they are apart, from the wall's clock,
 * and how far the film's length is from that of the recording.
 */
export async function measureSync(minutes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'amphi-bench-sync-'));
  const lab = await startTapLab(['vp8']);
  try {
    const beat = await makeBeat(folder, HERTZ);
    const { room, join: enter, logger, add, stop } = await startBeatRoom(lab);
    const from = Math.ceil(Date.now() / 1000 + 0.5) * 1000 + 10;
    await enter('ada');
    // Clocks that drift apart by half a second in an hour, and a picture that is longer on its way than the sound.
    const ears = { clock: { drift: 100e-6, rtp: 5 }, wallOff: 0, reportEveryMs: 5000 };
    const eyes = { clock: { drift: -40e-6, rtp: 7 }, wallOff: 0, reportEveryMs: 1000 };
    const microphone = await add('ada', beat, 'audio', { ...ears, delay: (at) => 40 + 25 * Math.sin(at / 700) }, from);
    const camera = await add('ada', beat, 'video', { ...eyes, delay: (at) => 180 + 20 * Math.cos(at / 900) }, from);
    const budget = new TranscodeBudget(1);
    const recorder = createRecorder({
      ...{ folder, room: () => room, logger, minFreeBytes: 0 },
      filmProgram: (of, includes, choice) => openFilmProgram({ room: of, includes, choice, budget, logger }),
    });
    await sleep(Math.max(0, from + 2500 - Date.now()));
    const recording = await recorder.start({
      ...{ roomId: 'lab', startedBy: { name: 'Bench' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
      ...{ film: 'live', onNotLive: (reason) => console.log(`  no film is made meanwhile: ${reason}`) },
    });
    await sleep(minutes * 60_000);
    await recording.stop();
    await stop();
    const { manifest } = recording;
    const path = recorder.folderOf(manifest.id) ?? '';
    const took = (manifest.endedAt ?? 0) - manifest.startedAt;
    console.log(`recording for ${(took / 60_000).toFixed(1)} minutes: the largest errors, in milliseconds`);

    const print = async (what: string, film: string): Promise<void> => {
      const [flashes, beeps] = [await flashesIn(film, '100:100:590:310'), await beepsIn(film, HERTZ)];
      const truth = (onsets: readonly number[]) =>
        onsets.map((at) => at - manifest.startedAt).filter((at) => at > 100 && at < took - 300);
      const off = (found: readonly number[], onsets: readonly number[]) =>
        Math.max(...truth(onsets).map((at) => nearest(found, at)));
      const apart = beeps.map((beep) => nearest(flashes, beep * 1000)).filter((ms) => ms < 450);
      const length = Math.abs((await durationOf(film)) * 1000 - took);
      console.log(`  ${what}: ${beeps.length} beeps, ${flashes.length} flashes`);
      console.log(`    sound from picture: ${Math.max(...apart).toFixed(0)}`);
      const [seen, heard] = [off(flashes, camera.track.onsets), off(beeps, microphone.track.onsets)];
      console.log(`    picture from the clock: ${seen.toFixed(0)}; sound from the clock: ${heard.toFixed(0)}`);
      console.log(`    length: ${length.toFixed(0)} (${((length / took) * 100).toFixed(3)} %)`);
    };
    if (await finishLiveFilm({ manifest, folder: path, output: 'live-film.mp4' })) {
      await print('the film made meanwhile', join(path, 'live-film.mp4'));
    }
    await compose({ ...CHOICE, manifest, folder: path, output: 'film.mp4' });
    await print('the film of the originals', join(path, 'film.mp4'));
  } finally {
    lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How far the nearest of these, in seconds, is from a time in milliseconds. */
function nearest(found: readonly number[], at: number): number {
  return Math.min(...found.map((time) => Math.abs(time * 1000 - at)));
}
