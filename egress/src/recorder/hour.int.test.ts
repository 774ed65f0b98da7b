import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TapSink } from '@amphi/rooms';
import { camera, startRoom } from '@amphi/rooms/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compose, runFfmpeg } from '../compose/compose.ts';
import { soundArguments } from '../compose/graph.ts';
import { timelineOf } from '../compose/timeline.ts';
import { BeatTrack, makeBeat } from '../testing/beat.ts';
import { beepsIn, durationOf, flashesIn } from '../testing/read-film.ts';
import { RtpSource } from '../testing/rtp-source.ts';
import type { Manifest } from './manifest.ts';
import { createRecorder } from './recorder.ts';

// An hour of a microphone and a camera whose clocks drift apart, as fast as this machine can: packets and times are made,
// what reads, writes and composes them is real. Of the whole hour the sound is put together; the film of its
// last minute, made of the same files, has the picture too. Each second of the wall's clock begins with a beep and a flash.

const HERTZ = 1000;
const HOUR_S = 3600;
const START = 1_800_000_000_010;
/** 360 ms in the hour, if it were not followed. */
const DRIFT = 100e-6;
/** Switched off for a while; the microphone's clock stands still meanwhile. */
const MUTED = { from: 1200.5, to: 1220.5 };
const REPORT_EVERY_MS = { audio: 5000, video: 1000 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amphi-hour-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** How long packets are on their way: it changes slowly, and they stay in order. */
const delayOf = { audio: (at: number) => 45 + 25 * Math.sin(at / 3000), video: () => 160 };

function open(track: BeatTrack, sink: TapSink) {
  const { kind, clockRate } = track;
  const [ssrc, payloadType] = kind === 'audio' ? [1, 111] : [2, 96];
  const codec = { mimeType: kind === 'audio' ? 'audio/opus' : 'video/VP8', payloadType, clockRate };
  const codecs = [kind === 'audio' ? { ...codec, channels: 2 } : codec];
  sink.started({ kind, paused: false, rtpParameters: { codecs, encodings: [{ ssrc }] } });
  return { track, sink, ssrc, writer: new RtpSource({ ssrc, payloadType }), reportedAt: START, packets: 0 };
}

it(
  'holds an hour of sound and picture together over drifting clocks, a mute, jitter and loss',
  { timeout: 900_000 },
  async () => {
    const beat = await makeBeat(folder, HERTZ);
    const { room, media, joinWithCamera, logger } = await startRoom();
    const { producerId, send } = await joinWithCamera('ada');
    const microphone = { ...camera(send, randomUUID()), source: 'microphone', kind: 'audio' } as const;
    await room.tracks.create('ada', microphone);
    let now = START;
    const recorder = createRecorder({ folder, room: () => room, logger, minFreeBytes: 0, now: () => now });
    const recording = await recorder.start({
      ...{ roomId: 'lab', startedBy: { name: 'Ada' }, policy: 'tell', consentOf: () => 'given', onEnd: () => {} },
    });
    const sinkOf = (id: string) => [...media.taps].find((tap) => tap.producerId === id)?.sink as TapSink;
    const ears = open(
      new BeatTrack('audio', beat, { drift: DRIFT, rtp: 0xff00_0000 }, START),
      sinkOf(microphone.producerId),
    );
    const eyes = open(new BeatTrack('video', beat, { drift: 0, rtp: 0xf000_0000 }, START), sinkOf(producerId));
    const [mutedFrom, mutedTo] = [START + MUTED.from * 1000, START + MUTED.to * 1000];
    const arrives = ({ track }: typeof ears) => track.at + delayOf[track.kind](track.at);

    let wasMuted = false;
    for (let turn = 0; Math.min(ears.track.at, eyes.track.at) < START + HOUR_S * 1000; turn++) {
      const next = arrives(ears) <= arrives(eyes) ? ears : eyes;
      const { track, sink, writer } = next;
      if (!wasMuted && ears.track.at >= mutedFrom) {
        wasMuted = true;
        now = mutedFrom;
        ears.sink.paused(true);
        ears.track.skip(mutedTo);
        continue;
      }
      now = arrives(next);
      const { at, rtp, payload } = track.next();
      if (next === ears && at === mutedTo) sink.paused(false);
      const packet = writer.packet(rtp, payload);
      next.packets += 1;
      // Every 97th is lost for good, but none of a beep or flash.
      const isLost = next.packets % 97 === 0 && (at - START) % 1000 > 400;
      if (!isLost) sink.rtp(packet);
      if (at - next.reportedAt >= REPORT_EVERY_MS[track.kind]) {
        next.reportedAt = at;
        // What the worker says first after a pause is of the time before it.
        const stale = next === ears && at >= mutedTo && at < mutedTo + 5000 ? mutedTo - mutedFrom : 0;
        const noise = 4 * Math.sin(at);
        sink.senderReport({
          ssrc: next.ssrc,
          rtpTimestamp: rtp >>> 0,
          capturedAt: at - stale + noise,
          steadyAt: at - stale + noise,
        });
      }
      if (turn % 100 === 0) await new Promise(setImmediate);
    }
    now = START + HOUR_S * 1000;
    await recording.stop();

    const made = recording.manifest;
    expect(made.tracks.map(({ parts }) => parts.length)).toEqual([1, 1]);
    const path = recorder.folderOf(made.id) ?? '';
    const hour = join(path, 'hour.flac');
    await mixSound(made, path, hour);
    const took = ((made.endedAt ?? 0) - made.startedAt) / 1000;
    expect(took).toBeGreaterThan(HOUR_S - 1);
    expect(Math.abs((await durationOf(hour)) - took) / took).toBeLessThan(0.005);
    for (const from of [20, 600, 1190, MUTED.to + 1, MUTED.to + 60, 1800, 2400, 3000, HOUR_S - 8]) {
      const found = await beepsIn(hour, HERTZ, { from, seconds: 6 });
      expectOnsets(found, ears.track, { startedAt: made.startedAt, from, to: from + 6 });
    }
    expect(await beepsIn(hour, HERTZ, { from: MUTED.from + 0.3, seconds: 19 })).toEqual([]);

    const end: Manifest = { ...made, startedAt: made.startedAt + (HOUR_S - 60) * 1000 };
    await compose({ manifest: end, folder: path, layout: 'grid', height: 720, output: 'end.mp4' });
    const [film, stretch] = [join(path, 'end.mp4'), { startedAt: end.startedAt, from: 0, to: 59 }];
    expect(Math.abs((await durationOf(film)) - (took - HOUR_S + 60))).toBeLessThan(0.3);
    const [flashes, beeps] = [await flashesIn(film, '100:100:590:310'), await beepsIn(film, HERTZ)];
    expectOnsets(flashes, eyes.track, stretch);
    expectOnsets(beeps, ears.track, stretch);
    const apart = flashes.flatMap((flash) => {
      const nearest = Math.min(...beeps.map((beep) => Math.abs(beep - flash) * 1000));
      return nearest < 450 ? [nearest] : [];
    });
    expect(apart.length).toBeGreaterThan(50);
    expect(Math.max(...apart), `milliseconds: ${apart.map(Math.round).join(' ')}`).toBeLessThan(40);
  },
);

/** The sound of a film, of the same graph and without loss: to encode an hour of it to AAC takes two minutes, and shows nothing. */
async function mixSound(made: Manifest, cwd: string, output: string): Promise<void> {
  const timeline = timelineOf(made, { layout: 'audio', width: 1280, height: 720, frameRate: 30 });
  const args = soundArguments(timeline, output);
  const flac = ['-c:a', 'flac', '-compression_level', '0', '-f', 'flac', output];
  await runFfmpeg([...args.slice(0, args.indexOf('-c:a')), ...flac], { cwd });
}

/** Each onset of the track in a stretch of the film (in seconds) was found, at its time and nowhere else. */
function expectOnsets(
  found: readonly number[],
  { onsets }: BeatTrack,
  { startedAt, from, to }: { startedAt: number; from: number; to: number },
): void {
  const truth = onsets.map((at) => (at - startedAt) / 1000).filter((time) => time > from + 0.2 && time < to - 0.2);
  expect(truth.length).toBeGreaterThan(to - from - 2);
  const errors = truth.map((time) => Math.min(...found.map((other) => Math.abs(other - time))));
  expect(Math.max(...errors), `from second ${from} on: ${errors.join(' ')}`).toBeLessThan(0.04);
  expect(found.length).toBeLessThanOrEqual(truth.length + 2);
}
