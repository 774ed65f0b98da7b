import { setTimeout as sleep } from 'node:timers/promises';
import type { TapLab } from '@amphi/media/testing';
import type { Manifest } from '../recorder/manifest.ts';
import { type Beat, type BeatTrack, makeBeat } from './beat.ts';
import { startBeatRoom } from './beat-room.ts';
import { beepsIn, durationOf, flashesIn } from './read-film.ts';

const [ADA_HZ, BOB_HZ] = [1000, 2200];
/** Where a film of 720p shows who is on the left and on the right. */
const [LEFT, RIGHT] = ['100:100:270:310', '100:100:910:310'];

/** In milliseconds of the call; Ada is there from its start. Nothing may beep where she mutes and unmutes. */
export type BeatPlan = { bobJoins: number; muted: { from: number; to: number }; ends: number };

/** In seconds of the film: what was read in it, and what belongs there, but for its very ends. */
export type Onsets = { found: number[]; truth: number[] };

/**
 * A call of two whose pictures flash and whose microphones beep with each second of the clock on the wall, over clocks that
 * drift and networks of their own. Their packets go through a real worker.
 */
export async function startBeatCall(lab: TapLab, folder: string, plan: BeatPlan) {
  const [adasBeat, bobsBeat]: [Beat, Beat] = [await makeBeat(folder, ADA_HZ), await makeBeat(folder, BOB_HZ)];
  const { room, join, logger, add, stop } = await startBeatRoom(lab);
  // Sound and picture begin together in the middle of what each packet has: none is on the border between two seconds.
  const startedAt = Math.ceil(Date.now() / 1000 + 0.5) * 1000 + 10;
  const until = (ms: number) => sleep(Math.max(0, startedAt + ms - Date.now()));

  await join('ada');
  const adasMicrophone = await add(
    ...(['ada', adasBeat, 'audio'] as const),
    {
      ...{ clock: { drift: 100e-6, rtp: 0xffff_0000 }, wallOff: 0, reportEveryMs: 5000 },
      delay: (at) => 40 + 25 * Math.sin(at / 700),
    },
    startedAt,
  );
  const adasCamera = await add(
    ...(['ada', adasBeat, 'video'] as const),
    {
      ...{ clock: { drift: 0, rtp: 123_456_789 }, wallOff: 0, reportEveryMs: 1000 },
      delay: (at) => 180 + 20 * Math.cos(at / 900),
    },
    startedAt,
  );

  async function bobComes() {
    await until(plan.bobJoins);
    await join('bob');
    // The clock of his machine is wrong, and his microphone is far away.
    const wallOff = -7000;
    const from = startedAt + plan.bobJoins + 200;
    const microphone = await add(
      ...(['bob', bobsBeat, 'audio'] as const),
      { ...{ clock: { drift: -200e-6, rtp: 5 }, wallOff, reportEveryMs: 5000 }, delay: () => 150 },
      from,
    );
    const camera = await add(
      ...(['bob', bobsBeat, 'video'] as const),
      { ...{ clock: { drift: 150e-6, rtp: 0xffff_ff00 }, wallOff, reportEveryMs: 1000 }, delay: () => 60 },
      from,
    );
    return { microphone, camera };
  }

  async function adaMutes(): Promise<void> {
    const { id, track } = adasMicrophone;
    await until(plan.muted.from);
    await lab.pause(id);
    await room.tracks.update('ada', { producerId: id, muted: true });
    track.skip(startedAt + plan.muted.to);
    await until(plan.muted.to);
    await lab.resume(id);
    await room.tracks.update('ada', { producerId: id, muted: false });
  }

  return {
    ...{ room, logger, startedAt, until, stop },

    /** What happens in the call, up to its end. Answers what reads all of that out of a film. */
    async goOn(): Promise<(film: string, made: Manifest) => Promise<BeatsRead>> {
      const bob = await bobComes();
      await adaMutes();
      await until(plan.ends);
      return async (film, made) => {
        const took = ((made.endedAt ?? 0) - made.startedAt) / 1000;
        const belongs = ({ track }: { track: BeatTrack }): number[] =>
          track.onsets.map((at) => (at - made.startedAt) / 1000).filter((time) => time > 0.1 && time < took - 0.3);
        return {
          lengthError: Math.abs((await durationOf(film)) - took) / took,
          onsets: {
            adasFlashes: { found: await flashesIn(film, LEFT), truth: belongs(adasCamera) },
            adasBeeps: { found: await beepsIn(film, ADA_HZ), truth: belongs(adasMicrophone) },
            bobsFlashes: { found: await flashesIn(film, RIGHT), truth: belongs(bob.camera) },
            bobsBeeps: { found: await beepsIn(film, BOB_HZ), truth: belongs(bob.microphone) },
          },
        };
      };
    },
  };
}

export type BeatsRead = {
  /** The share by which the film is longer or shorter than what was recorded. */
  lengthError: number;
  onsets: Record<'adasFlashes' | 'adasBeeps' | 'bobsFlashes' | 'bobsBeeps', Onsets>;
};

/** How far what was read is from each onset that belongs there, in milliseconds. */
export function errorsOf({ found, truth }: Onsets): number[] {
  return truth.map((time) => Math.round(1000 * Math.min(...found.map((other) => Math.abs(other - time)))));
}
