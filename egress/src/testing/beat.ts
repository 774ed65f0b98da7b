import { join } from 'node:path';
import { sendRtp } from './send-rtp.ts';

/** How long each flash and each beep is, in milliseconds; one begins with each second. */
const ON_MS = 200;
const PICTURE_MS = 40;
const SOUND_MS = 20;

/** RTP payloads: Opus packets of a beep, and of the silence behind it; pictures of VP8 that need no others. */
export type Beat = { beep: Buffer[]; silence: Buffer[]; white: Buffer; black: Buffer };

/** Makes them with the ffmpeg of the machine, in the folder. */
export async function makeBeat(folder: string, hertz: number): Promise<Beat> {
  const beep = `aevalsrc='if(lt(mod(t,1),${ON_MS / 1000}),0.5*sin(${hertz}*2*PI*t),0)':s=48000:d=3`;
  const opus = ['-c:a', 'libopus', '-application', 'lowdelay', '-b:a', '24k'];
  const flash = "color=c=black:s=64x36:r=2:d=2,geq=lum='if(lt(mod(T,1),0.5),235,16)':cb=128:cr=128";
  const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '1', '-b:v', '100k'];
  const [sounds, pictures] = await Promise.all([
    sendRtp({ input: ['-f', 'lavfi', '-i', beep], encoder: opus }, join(folder, `beep-${hertz}.webm`)),
    sendRtp({ input: ['-f', 'lavfi', '-i', flash], encoder: vp8 }, join(folder, `flash-${hertz}.webm`)),
  ]);
  const payload = (packet: Buffer | undefined) => packet?.subarray(12) ?? Buffer.alloc(0);
  // Of the second in the middle, which can follow itself.
  const second = sounds.slice(50, 100).map(payload);
  const on = ON_MS / SOUND_MS;
  return {
    ...{ beep: second.slice(0, on), silence: second.slice(on) },
    ...{ white: payload(pictures[2]), black: payload(pictures[3]) },
  };
}

export type BeatClock = {
  /** By so much the clock of the track is fast: 100e-6 for 100 ppm. */
  drift: number;
  /** The first timestamp. */
  rtp: number;
};

/** What was captured at a time of the wall's clock, and its RTP timestamp. */
export type Captured = { at: number; rtp: number; payload: Buffer };

/**
 * A camera or microphone that has a flash or a beep at each full second of the clock on the wall, and a clock of its own. As
 * in browsers, that of a microphone counts samples, and stands still while it is off; that of a camera goes on.
 */
export class BeatTrack {
  readonly kind: 'audio' | 'video';
  /** When flashes or beeps began: in milliseconds of the wall's clock, of the packet or picture that has them first. */
  readonly onsets: number[] = [];
  readonly #beat: Beat;
  readonly #clock: BeatClock;
  readonly #startedAt: number;
  #at: number;
  #rtp: number;
  #second: number | undefined;
  /** Packets or pictures since the last onset. */
  #index = Infinity;

  constructor(kind: 'audio' | 'video', beat: Beat, clock: BeatClock, startedAt: number) {
    this.kind = kind;
    this.#beat = beat;
    this.#clock = clock;
    this.#startedAt = startedAt;
    this.#at = startedAt;
    this.#rtp = clock.rtp;
  }

  get clockRate(): number {
    return this.kind === 'audio' ? 48_000 : 90_000;
  }

  /** When the next packet or picture is captured. */
  get at(): number {
    return this.#at;
  }

  next(): Captured {
    const second = Math.floor(this.#at / 1000);
    if (this.#second !== undefined && second !== this.#second) {
      this.onsets.push(this.#at);
      this.#index = 0;
    }
    this.#second = second;
    const captured = { at: this.#at, rtp: this.rtpAt(this.#at), payload: this.#payload() };
    this.#index += 1;
    if (this.kind === 'audio') {
      this.#at += SOUND_MS / (1 + this.#clock.drift);
      this.#rtp += (SOUND_MS * this.clockRate) / 1000;
    } else this.#at += PICTURE_MS;
    return captured;
  }

  /** Nothing is captured before `until`; what comes then is silent, or black, until the next second. */
  skip(until: number): void {
    this.#at = Math.max(until, this.#at);
    this.#second = undefined;
    this.#index = Infinity;
  }

  /** What the clock of the track shows, or will show if it is not stopped. */
  rtpAt(at: number): number {
    const ticksPerMs = (this.clockRate / 1000) * (1 + this.#clock.drift);
    return this.kind === 'audio'
      ? Math.round(this.#rtp + (at - this.#at) * ticksPerMs)
      : Math.round(this.#clock.rtp + (at - this.#startedAt) * ticksPerMs);
  }

  #payload(): Buffer {
    const { beep, silence, white, black } = this.#beat;
    if (this.kind === 'video') return this.#index * PICTURE_MS < ON_MS ? white : black;
    return beep[this.#index] ?? silence[this.#index - beep.length] ?? silence.at(-1) ?? Buffer.alloc(0);
  }
}
