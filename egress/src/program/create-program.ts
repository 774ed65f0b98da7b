import type { MemberInfo, ProducerInfo } from '@amphi/protocol';
import type { Logger, Room } from '@amphi/rooms';
import { ServerMember } from '../member/server-member.ts';
import { PROGRAM_AUDIO } from './aac-encoder.ts';
import { ProgramClock, steadyNow } from './clock.ts';
import { Outlet } from './outlet.ts';
import { Passthrough } from './passthrough.ts';
import { PictureOut } from './picture-out.ts';
import { PictureSource } from './picture-source.ts';
import type { Program } from './program.ts';
import { Sound } from './sound.ts';
import { findProgram } from './supervised.ts';

const TICK_MS = 100;
/** Nothing at all has come for so long: whoever was on stage is away. */
const SILENT_MS = 2000;
/** For so long a picture that was announced is waited for, before sound goes without it. */
const PICTURE_WITHIN_MS = 3000;

export type ProgramOptions = {
  room: Room;
  logger: Logger;
  /** The name or path of ffmpeg, without which there is no sound. */
  ffmpeg?: string;
};

/** What has become of a program. */
export type ProgramState = {
  picture: 'none' | 'passthrough';
  /** `no-ffmpeg`: sound has to be AAC, and there is nothing that makes it so. */
  audio: 'on' | 'no-ffmpeg';
};

export interface RunningProgram extends Program {
  readonly state: ProgramState;
  /** The process that encodes the sound now. */
  readonly soundPid: number | undefined;
}

/**
 * Begins to make one picture and one sound of what is on stage in a room, seen by nobody there. It ends with the room.
 * Rejects as a join does.
 */
export async function createProgram(options: ProgramOptions): Promise<RunningProgram> {
  const program = new StageProgram(options);
  await program.join();
  return program;
}

class StageProgram implements RunningProgram {
  readonly #options: ProgramOptions;
  readonly #clock = new ProgramClock(steadyNow());
  readonly #outlet = new Outlet();
  readonly #out: PictureOut;
  readonly #sound: Sound | undefined;
  readonly #pictures = new Map<string, PictureSource>();
  readonly #timer: NodeJS.Timeout;
  #member: ServerMember | undefined;
  #arrivedAt = -Infinity;
  /** Since when there has been no picture. */
  #bareSince = steadyNow();
  #closed = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const { room, logger, ffmpeg: name = 'ffmpeg' } = options;
    const ffmpeg = findProgram(name);
    if (ffmpeg === undefined) {
      logger.warn({ roomId: room.id, ffmpeg: name }, 'there is no ffmpeg: what goes out of the room has no sound');
    } else {
      this.#sound = new Sound({
        ...{ media: room.media, clock: this.#clock, now: steadyNow, ffmpeg, logger },
        onPacket: () => (this.#arrivedAt = steadyNow()),
        onFrame: (frame) => {
          if (this.#isAnythingThere()) this.#outlet.audio(frame);
        },
      });
    }
    this.#out = new PictureOut(this.#outlet, this.#sound && PROGRAM_AUDIO, this.#clock);
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Rejects as a join does; then it is closed. */
  async join(): Promise<void> {
    try {
      const { room } = this.#options;
      this.#member = await ServerMember.join({
        ...{ room, role: 'recorder', name: 'Output', unseen: true },
        watcher: {
          trackAdded: (member, track) => this.#add(member, track),
          trackUpdated: (_member, { id, muted }) => this.#muted(id, muted),
          trackRemoved: (_member, { id }) => this.#remove(id),
          ended: () => void this.close(),
        },
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get state(): ProgramState {
    return {
      picture: this.#out.current === undefined ? 'none' : 'passthrough',
      audio: this.#sound ? 'on' : 'no-ffmpeg',
    };
  }

  get soundPid(): number | undefined {
    return this.#sound?.pid;
  }

  attach(...[sink]: Parameters<Program['attach']>): () => void {
    const detach = this.#outlet.attach(sink);
    for (const picture of this.#pictures.values()) picture.requestKeyFrame();
    return detach;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    for (const id of [...this.#pictures.keys()]) this.#remove(id);
    this.#out.close();
    this.#sound?.close();
    this.#member?.leave();
    this.#outlet.ended();
  }

  /** Whoever may not publish has no tracks: all that there are are on stage. */
  #add({ id: memberId }: MemberInfo, { id: producerId, kind, source, muted }: ProducerInfo): void {
    if (this.#closed) return;
    if (kind === 'audio') {
      this.#sound?.add(producerId);
      return;
    }
    const picture = new PictureSource({
      ...{ producerId, memberId, source, muted, media: this.#options.room.media, clock: this.#clock, now: steadyNow },
      onFrame: (frame, from) => {
        this.#arrivedAt = steadyNow();
        for (const feed of this.#out.feeds) {
          if (feed instanceof Passthrough && feed.source === from) feed.take(frame);
        }
      },
    });
    this.#pictures.set(producerId, picture);
  }

  #muted(producerId: string, muted: boolean): void {
    const picture = this.#pictures.get(producerId);
    if (!picture || picture.muted === muted) return;
    picture.muted = muted;
    this.#choose();
  }

  #remove(producerId: string): void {
    this.#sound?.remove(producerId);
    this.#pictures.get(producerId)?.close();
    if (this.#pictures.delete(producerId) && !this.#closed) this.#choose();
  }

  #isAnythingThere(): boolean {
    return steadyNow() - this.#arrivedAt < SILENT_MS;
  }

  #tick(): void {
    if (!this.#isAnythingThere()) {
      this.#outlet.idle();
      this.#bareSince = steadyNow();
      return;
    }
    for (const picture of this.#pictures.values()) picture.keepKeyFrames();
    this.#choose();
    this.#out.tick();
  }

  #choose(): void {
    if (!this.#isAnythingThere()) return;
    const shown = [...this.#pictures.values()].filter(({ isShown }) => isShown);
    const source = shown.find(({ codec }) => codec === 'h264');
    if (source) {
      this.#bareSince = steadyNow();
      this.#out.show({ key: source.id, open: (sink) => new Passthrough(source, sink, steadyNow) });
      return;
    }
    const isExpected = [...this.#pictures.values()].some(({ muted }) => !muted);
    if (!isExpected || steadyNow() - this.#bareSince > PICTURE_WITHIN_MS) this.#out.showNothing();
  }
}
