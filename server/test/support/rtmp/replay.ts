import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type Program,
  type ProgramFormat,
  type ProgramFrame,
  type ProgramSink,
  readAudioTag,
  readVideoTag,
} from '@amphi/egress';

type Coded = { kind: 'audio' | 'video'; ms: number; keyFrame: boolean; data: Buffer };
export type Clip = { format: ProgramFormat; frames: readonly Coded[]; lengthMs: number };

/** Two seconds of a moving picture and a tone, coded by ffmpeg; a key frame every half second. */
export async function makeClip(size: `${number}x${number}`): Promise<Clip> {
  const input = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30`, '-f', 'lavfi', '-i', 'sine=f=440:r=48000'];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15', '-b:v', '400k'];
  const output = [
    ...video,
    '-c:a',
    'aac',
    '-ac',
    '2',
    '-t',
    '2',
    '-f',
    'flv',
    '-flvflags',
    'no_duration_filesize',
    '-',
  ];
  const { stdout } = await promisify(execFile)('ffmpeg', ['-v', 'error', ...input, ...output], {
    encoding: 'buffer',
    maxBuffer: 32 * 1024 * 1024,
  });
  const [width = 0, height = 0] = size.split('x').map(Number);
  return readClip(stdout, width, height);
}

function readClip(flv: Buffer, width: number, height: number): Clip {
  const frames: Coded[] = [];
  let video: Buffer | undefined;
  let audio: Buffer | undefined;
  // Behind the header of the file and the length of no tag before the first.
  for (let at = 13; at + 11 <= flv.length;) {
    const length = flv.readUIntBE(at + 1, 3);
    const ms = flv.readUIntBE(at + 4, 3);
    const body = flv.subarray(at + 11, at + 11 + length);
    const tag = flv[at] === 9 ? readVideoTag(body) : flv[at] === 8 ? readAudioTag(body) : undefined;
    if (tag?.is === 'config') {
      if (tag.kind === 'video') video = tag.data;
      else audio = tag.data;
    } else if (tag?.is === 'frame') {
      frames.push({ kind: tag.kind, ms, keyFrame: tag.kind === 'audio' || tag.keyFrame, data: tag.data });
    }
    at += 15 + length;
  }
  if (!video || !audio) throw new Error('ffmpeg wrote no picture or no sound');
  const format = {
    videos: [{ width, height, config: video }],
    audio: { sampleRate: 48_000, channels: 2, config: audio },
  };
  return { format, frames, lengthMs: 2000 };
}

/** A program that plays clips in real time, the one that it was given last over and over. */
export class ReplayProgram implements Program {
  readonly #sinks = new Set<ProgramSink>();
  readonly #timer: NodeJS.Timeout;
  #clip: Clip;
  #clipAt: number;
  #next = 0;

  constructor(clip: Clip) {
    this.#clip = clip;
    this.#clipAt = performance.now();
    this.#timer = setInterval(() => this.#play(), 10);
  }

  get takers(): number {
    return this.#sinks.size;
  }

  attach(sink: ProgramSink): () => void {
    sink.format(this.#clip.format);
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  /** Another picture: the format changes. */
  change(clip: Clip): void {
    this.#clip = clip;
    this.#clipAt = performance.now();
    this.#next = 0;
    for (const sink of [...this.#sinks]) sink.format(clip.format);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const sink of [...this.#sinks]) sink.ended();
    this.#sinks.clear();
  }

  #play(): void {
    const now = performance.now();
    const { frames, lengthMs } = this.#clip;
    for (;;) {
      const frame = frames[this.#next % frames.length];
      if (!frame) return;
      const round = Math.floor(this.#next / frames.length);
      const due = this.#clipAt + round * lengthMs + frame.ms;
      if (due > now) return;
      this.#next += 1;
      const coded: ProgramFrame = {
        timeUs: Math.round(due * 1000),
        wall: performance.timeOrigin + due,
        keyFrame: frame.keyFrame,
        data: frame.data,
      };
      for (const sink of [...this.#sinks]) {
        if (frame.kind === 'video') sink.video(0, coded);
        else sink.audio(coded);
      }
    }
  }
}
