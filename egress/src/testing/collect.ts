import { mp4Fragment, mp4Init, type Mp4Sample } from '../containers/mp4.ts';
import type { TrackFormat } from '../containers/track.ts';
import type { ProgramFormat, ProgramFrame, ProgramSink } from '../program/program.ts';

export type Stretch = { format: ProgramFormat; videos: ProgramFrame[][]; audio: ProgramFrame[] };

/** Keeps what a program gives, by what has one format. */
export class CollectingSink implements ProgramSink {
  readonly stretches: Stretch[] = [];
  readonly told: string[] = [];

  get last(): Stretch | undefined {
    return this.stretches.at(-1);
  }

  format(format: ProgramFormat): void {
    this.told.push('format');
    this.stretches.push({ format, videos: format.videos.map(() => []), audio: [] });
  }

  video(rendition: number, frame: ProgramFrame): void {
    this.last?.videos[rendition]?.push(frame);
  }

  audio(frame: ProgramFrame): void {
    this.last?.audio.push(frame);
  }

  idle(): void {
    this.told.push('idle');
  }

  ended(): void {
    this.told.push('ended');
  }
}

/** Frames of one track as a fragmented MP4 that begins at the time of its first frame. */
export function toMp4(format: TrackFormat, timescale: number, frames: readonly ProgramFrame[]): Buffer {
  const ticks = ({ timeUs }: ProgramFrame) => Math.round((timeUs * timescale) / 1_000_000);
  const [first] = frames;
  if (!first) throw new Error('there are no frames');
  const samples = frames.map((frame, index): Mp4Sample => {
    const next = frames[index + 1];
    const { keyFrame, data } = frame;
    return { keyFrame, data, duration: next ? ticks(next) - ticks(frame) : timescale / 30 };
  });
  const run = { trackId: 1, decodeTime: 0, samples };
  return Buffer.concat([mp4Init([{ id: 1, timescale, format }]), mp4Fragment(1, [run])]);
}
