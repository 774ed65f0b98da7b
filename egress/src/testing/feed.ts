import type { ProgramFrame, ProgramSink } from '../program/program.ts';

/** Gives a sink the frames of some tracks in the order of their times, all at once. */
export function feed(
  sink: ProgramSink,
  tracks: { videos?: readonly (readonly ProgramFrame[])[]; audio?: readonly ProgramFrame[] },
  { fromUs = 0, toUs = Infinity, shiftUs = 0, wall = 0 } = {},
): void {
  const calls: { timeUs: number; call(): void }[] = [];
  const shift = (frame: ProgramFrame) => ({
    ...frame,
    timeUs: frame.timeUs + shiftUs,
    wall: wall + (frame.timeUs + shiftUs) / 1000,
  });
  const within = ({ timeUs }: ProgramFrame) => timeUs >= fromUs && timeUs < toUs;
  for (const [index, frames] of (tracks.videos ?? []).entries()) {
    for (const frame of frames.filter(within)) {
      calls.push({ timeUs: frame.timeUs, call: () => sink.video(index, shift(frame)) });
    }
  }
  for (const frame of (tracks.audio ?? []).filter(within)) {
    calls.push({ timeUs: frame.timeUs, call: () => sink.audio(shift(frame)) });
  }
  for (const { call } of calls.toSorted((one, other) => one.timeUs - other.timeUs)) call();
}
