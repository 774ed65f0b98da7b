import type { MemberInfo, ProducerInfo } from '@amphi/protocol';
import { type Logger, type Room, steadyNow } from '@amphi/rooms';
import { ServerMember } from '../member/server-member.ts';
import { PROGRAM_AUDIO } from './aac-encoder.ts';
import type { TranscodeBudget } from './budget.ts';
import type { ProgramLayout } from './canvas/stage-layout.ts';
import { ProgramClock } from './clock.ts';
import { Director, FILM_DELAY_MS } from './director.ts';
import { Outlet } from './outlet.ts';
import { PictureOut } from './picture-out.ts';
import { PictureSource } from './picture-source.ts';
import type { Program } from './program.ts';
import { Sound } from './sound.ts';
import { findProgram } from './supervised.ts';

const TICK_MS = 100;
/** A tick that is so late tells of this process having been held up: what came meanwhile has yet to be read. */
const LATE_TICK_MS = 300;
/** Nothing at all has come for so long: whoever was on stage is away. */
const SILENT_MS = 2000;

export type ProgramOptions = {
  room: Room;
  layout: ProgramLayout;
  logger: Logger;
  /** What all programs of this machine share. */
  budget: TranscodeBudget;
  /** The name or path of ffmpeg, without which there is no sound, and only one picture, and that of H.264. */
  ffmpeg?: string;
  /** Whose tracks are taken; all are by default. */
  includes?(memberId: string): boolean;
  /** For a film, which nobody sees while it is made: see {@link FilmOptions}. */
  film?: FilmOptions;
};

/**
 * A program that is not watched is some time behind, so that all is known of what is put together, and never idle. It begins
 * when it is told. Without a height it has no picture.
 */
export type FilmOptions = { height: 720 | 1080 | undefined };

/** What has become of a program. */
export type ProgramState = {
  picture: 'none' | 'passthrough' | 'canvas';
  /** Why not all that is on stage is seen, in a sentence. */
  refused: string | undefined;
  /** `no-ffmpeg`: sound has to be AAC, and there is nothing that makes it so. */
  audio: 'on' | 'no-ffmpeg';
};

export interface RunningProgram extends Program {
  readonly state: ProgramState;
  setLayout(layout: ProgramLayout): void;
  /** What `includes` says has changed. */
  refresh(): void;
  /** Of a film: its picture begins with what was at this time, in milliseconds since the epoch by {@link steadyNow}. */
  begin(wall: number): void;
  /** Whether a picture is still to come of this track, which is there. */
  awaits(producerId: string): boolean;
  /** Nothing more is taken of the room: what was taken goes on through it, until it is closed. */
  freeze(): void;
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
  readonly #director: Director;
  readonly #sound: Sound | undefined;
  readonly #timer: NodeJS.Timeout;
  #member: ServerMember | undefined;
  #arrivedAt = -Infinity;
  #tickedAt = steadyNow();
  #isFrozen = false;
  #closed = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const { room, layout, logger, budget, ffmpeg: name = 'ffmpeg', film } = options;
    const ffmpeg = findProgram(name);
    if (ffmpeg === undefined) {
      logger.warn({ roomId: room.id, ffmpeg: name }, 'there is no ffmpeg: what goes out of the room has no sound');
    } else {
      this.#sound = new Sound({
        ...{ media: room.media, clock: this.#clock, now: steadyNow, ffmpeg, logger },
        delayMs: film && FILM_DELAY_MS,
        onPacket: () => (this.#arrivedAt = steadyNow()),
        onFrame: (frame) => {
          if (this.#isAnythingThere()) this.#outlet.audio(frame);
        },
      });
    }
    const out = new PictureOut(this.#outlet, this.#sound && PROGRAM_AUDIO, this.#clock);
    this.#director = new Director({
      ...{ out, layout, clock: this.#clock, budget, ffmpeg, logger, film: film?.height },
    });
    // Its sound comes from the beginning on, its picture when the first one is encoded.
    if (film) out.showNothing();
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Rejects as a join does; then it is closed. */
  async join(): Promise<void> {
    try {
      const { room, film } = this.#options;
      this.#member = await ServerMember.join({
        ...{ room, role: 'recorder', name: 'Output', unseen: true },
        watcher: {
          memberJoined: (member) => this.#show(member),
          memberUpdated: (member) => this.#show(member),
          memberLeft: ({ id }) => {
            if (this.#director.people.delete(id)) this.#chooseNow();
          },
          trackAdded: (member, track) => this.#add(member, track),
          trackUpdated: (_member, { id, muted }) => this.#muted(id, muted),
          trackRemoved: (_member, { id }) => this.#remove(id),
          speakers: (dominantId) => this.#director.setSpeaker(dominantId),
          ended: () => {
            // The end of a film is still on its way through it.
            if (film) this.freeze();
            else void this.close();
          },
        },
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get state(): ProgramState {
    return {
      picture: this.#director.picture,
      refused: this.#director.refused,
      audio: this.#sound ? 'on' : 'no-ffmpeg',
    };
  }

  get soundPid(): number | undefined {
    return this.#sound?.pid;
  }

  setLayout(layout: ProgramLayout): void {
    this.#director.setLayout(layout);
  }

  refresh(): void {
    for (const member of this.#member?.others ?? []) {
      this.#show(member);
      for (const track of member.producers) {
        if (this.#includes(member.id)) this.#add(member, track);
        else this.#remove(track.id);
      }
    }
  }

  begin(wall: number): void {
    this.#director.begin(this.#clock.timeOf(wall));
  }

  awaits(producerId: string): boolean {
    const picture = this.#director.pictures.get(producerId);
    return picture !== undefined && !picture.muted && !picture.isShown;
  }

  freeze(): void {
    if (this.#isFrozen || this.#closed) return;
    this.#isFrozen = true;
    for (const picture of this.#director.pictures.values()) picture.close();
    this.#sound?.freeze();
    this.#member?.leave();
  }

  attach(...[sink]: Parameters<Program['attach']>): () => void {
    const detach = this.#outlet.attach(sink);
    for (const picture of this.#director.pictures.values()) picture.requestKeyFrame();
    return detach;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#director.close();
    this.#sound?.close();
    this.#member?.leave();
    this.#outlet.ended();
  }

  /** Whoever may not publish has no tracks: all that there are are on stage. */
  #add({ id: memberId }: MemberInfo, { id: producerId, kind, source, muted }: ProducerInfo): void {
    if (this.#closed || this.#isFrozen || !this.#includes(memberId) || this.#director.pictures.has(producerId)) return;
    if (kind === 'audio') {
      this.#sound?.add(producerId);
      return;
    }
    const { film } = this.#options;
    if (film && film.height === undefined) return;
    const picture = new PictureSource({
      ...{ producerId, memberId, source, muted, media: this.#options.room.media, clock: this.#clock, now: steadyNow },
      onFrame: (frame, from) => {
        this.#arrivedAt = steadyNow();
        this.#director.take(frame, from);
      },
      onShift: film && ((byUs, layer, from) => this.#director.shift(byUs, layer, from)),
    });
    this.#director.pictures.set(producerId, picture);
  }

  /** Has somebody in the film, by name, or not any more. */
  #show({ id, name, role }: MemberInfo): void {
    if (!this.#options.film) return;
    const { people } = this.#director;
    if (role !== 'recorder' && this.#includes(id)) people.set(id, name);
    else people.delete(id);
  }

  #muted(producerId: string, muted: boolean): void {
    const picture = this.#director.pictures.get(producerId);
    if (!picture || picture.muted === muted) return;
    picture.muted = muted;
    this.#chooseNow();
  }

  #remove(producerId: string): void {
    this.#sound?.remove(producerId);
    const { pictures } = this.#director;
    pictures.get(producerId)?.close();
    if (pictures.delete(producerId)) this.#chooseNow();
  }

  #includes(memberId: string): boolean {
    return this.#options.includes?.(memberId) ?? true;
  }

  #isAnythingThere(): boolean {
    return this.#options.film !== undefined || steadyNow() - this.#arrivedAt < SILENT_MS;
  }

  #tick(): void {
    const { film } = this.#options;
    const sinceLast = steadyNow() - this.#tickedAt;
    this.#tickedAt += sinceLast;
    if (this.#isFrozen || (film && film.height === undefined) || sinceLast > LATE_TICK_MS) return;
    if (this.#isAnythingThere()) this.#director.tick();
    else {
      this.#director.nothingComes();
      this.#outlet.idle();
    }
  }

  #chooseNow(): void {
    if (!this.#closed && !this.#isFrozen && this.#isAnythingThere()) this.#director.choose();
  }
}
