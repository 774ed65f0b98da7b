import type { ProgramFormat, ProgramFrame, ProgramSink } from '../program/program.ts';
import { encodeAmf } from '../rtmp/amf0.ts';
import { RTMP } from '../rtmp/chunks.ts';
import type { Publication } from '../rtmp/client.ts';
import { audioConfigTag, audioTag, videoConfigTag, videoTag } from '../rtmp/flv.ts';

export type FeedOptions = {
  publication: Publication;
  /** Milliseconds; for how long nothing gets through. */
  now(): number;
  /** Media is sent: the first, or again after nothing came for a while. */
  onFlow(flowing: boolean): void;
  /** What was sent so far cannot be continued by what comes: a new stream is needed. */
  onBreak(): void;
  /** Pictures were left out, and a key frame is needed to go on. */
  onBehind(): void;
  /** The network has not carried the stream for {@link STALL_MS}. */
  onStall(): void;
  onEnd(): void;
};

/** More bytes than these are not left waiting: about three seconds of a 6 Mbit/s stream. */
const MAX_WAITING = 2_500_000;
/** For how long a network may carry too little before the connection is given up. */
export const STALL_MS = 15_000;

/** Sends a program, its largest picture and its sound, as one RTMP stream. Nothing is encoded anew. */
export class ProgramFeed implements ProgramSink {
  readonly #options: FeedOptions;
  #video: Buffer | undefined;
  #audio: Buffer | undefined;
  #baseUs: number | undefined;
  #lastMs = 0;
  #flowing = false;
  /** Pictures are left out until the next key frame. */
  #needsKey = true;
  #behindSince: number | undefined;
  #over = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  format({ videos: [video], audio }: ProgramFormat): void {
    if (this.#over) return;
    if (changed(this.#video, video?.config) || changed(this.#audio, audio?.config)) {
      this.#over = true;
      this.#options.onBreak();
      return;
    }
    if (video && !this.#video) {
      this.#video = video.config;
      this.#describe({ width: video.width, height: video.height, videocodecid: 7 });
      this.#send(RTMP.video, this.#lastMs, videoConfigTag(video.config));
    }
    if (audio && !this.#audio) {
      this.#audio = audio.config;
      const { sampleRate, channels } = audio;
      this.#describe({ audiocodecid: 10, audiosamplerate: sampleRate, stereo: channels > 1 });
      this.#send(RTMP.audio, this.#lastMs, audioConfigTag(audio.config));
    }
  }

  video(rendition: number, { timeUs, keyFrame, data }: ProgramFrame): void {
    if (rendition !== 0 || this.#over || !this.#video) return;
    if (this.#isBehind() || (this.#needsKey && !keyFrame)) return;
    this.#needsKey = false;
    this.#baseUs ??= timeUs;
    this.#frame(RTMP.video, timeUs, videoTag(data, keyFrame));
  }

  audio({ timeUs, data }: ProgramFrame): void {
    if (this.#over || !this.#audio) return;
    // A stream begins with its picture, where it has one.
    if (this.#baseUs === undefined && this.#video) return;
    this.#baseUs ??= timeUs;
    this.#frame(RTMP.audio, timeUs, audioTag(data));
  }

  idle(): void {
    this.#flows(false);
  }

  ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd();
  }

  /** Whether pictures have to be left out for now, because the ones before are still waiting. */
  #isBehind(): boolean {
    const { publication, now, onBehind, onStall } = this.#options;
    if (this.#behindSince === undefined) {
      if (publication.waiting <= MAX_WAITING) return false;
      this.#behindSince = now();
      this.#needsKey = true;
    } else if (publication.waiting < MAX_WAITING / 2) {
      this.#behindSince = undefined;
      onBehind();
    } else if (now() - this.#behindSince > STALL_MS) {
      this.#over = true;
      onStall();
    }
    return true;
  }

  #frame(type: typeof RTMP.audio | typeof RTMP.video, timeUs: number, tag: Buffer): void {
    const ms = Math.round((timeUs - (this.#baseUs ?? timeUs)) / 1000);
    if (ms < 0) return;
    this.#lastMs = Math.max(this.#lastMs, ms);
    this.#send(type, ms, tag);
    this.#flows(true);
  }

  #describe(properties: Record<string, number | boolean>): void {
    this.#send(RTMP.data, this.#lastMs, encodeAmf('@setDataFrame', 'onMetaData', { ...properties, encoder: 'Amphi' }));
  }

  #send(type: typeof RTMP.audio | typeof RTMP.video | typeof RTMP.data, ms: number, payload: Buffer): void {
    this.#options.publication.send(type, ms, payload);
  }

  #flows(flowing: boolean): void {
    if (this.#flowing === flowing) return;
    this.#flowing = flowing;
    this.#options.onFlow(flowing);
  }
}

function changed(before: Buffer | undefined, now: Buffer | undefined): boolean {
  return before !== undefined && now !== undefined && !before.equals(now);
}
