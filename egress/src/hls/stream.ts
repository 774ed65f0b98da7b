import { lengthPrefixed } from '../codecs/h264.ts';
import { mp4Init } from '../containers/mp4.ts';
import { codecString, type TrackFormat } from '../containers/track.ts';
import type { ProgramAudio, ProgramFormat, ProgramFrame, ProgramRendition, ProgramSink } from '../program/program.ts';
import { BLACK_FPS, type BlackVideo, createBlackVideo } from './black.ts';
import type { KeptStream, StreamFolder } from './folder.ts';
import { multivariantPlaylist } from './multivariant.ts';
import { Rendition } from './rendition.ts';
import { nameOf } from './segment.ts';
import { SILENT_AUDIO, silentFrame } from './silence.ts';

export type HlsStreamOptions = {
  id: string;
  roomId: string;
  folder: StreamFolder;
  /** How much of the past viewers may go back to while it is live, in seconds. */
  windowSeconds: number;
  /** Whether all is kept, for a replay. */
  keepsAll: boolean;
  /** When it is larger, what is out of the window is deleted all the same. */
  maxBytes?: number;
  /** It can be played now, or ended. */
  onChange?(): void;
  now?: () => number;
};

/** `starting`: there is nothing to be played yet. */
export type HlsStreamState = 'starting' | 'live' | 'ended';

const US = 1_000_000;
/** A longer pause is a discontinuity: no frame lasts so long. */
const MAX_FRAME_US = 2 * US;
const VIDEO_TIMESCALE = 90_000;
const AAC_SAMPLES = 1024;
/** Sound that is so late is taken to be none, and silence is put in its place. */
const AUDIO_PATIENCE_US = 1.5 * US;
const AUDIO_JITTER_US = 0.05 * US;
const DEFAULT_SIZE = { width: 1280, height: 720 };
const AUDIO = 'a';

/**
 * A program as low-latency HLS (RFC 8216bis): its pictures as variants, its sound as a rendition group. Players read the
 * multivariant playlist once, so it promises nothing that may go: there is always a picture and a sound, black and silent
 * where the program has none, and a rendition that the program has no more goes on with the next larger one.
 */
export class HlsStream implements ProgramSink {
  readonly id: string;
  readonly roomId: string;
  readonly startedAt: number;
  readonly folder: StreamFolder;
  readonly #options: HlsStreamOptions;
  readonly #now: () => number;
  readonly #kept: KeptStream | undefined;
  readonly #state: { epoch: number; hole: number; wallOf(timeUs: number): number };
  readonly #videos: Rendition[] = [];
  readonly #audio: Rendition;
  #format: ProgramFormat = { videos: [], audio: undefined };
  /** The time of the program with which the clock of this stream begins. */
  #originUs: number | undefined;
  /** What that time is on the clock of this stream: what is a little older than the first frame is kept as well. */
  readonly #beginsUs: number = US;
  /**
   * Where what comes next begins on the clock that players see, in microseconds. A pause is none there: segments follow one
   * another in playlists, and players that do not set their clock anew at each discontinuity would wait as long as it took.
   */
  #resumesUs: number | undefined;
  /** What the clock of the wall says at a time of the stream; undefined until the first frame after a discontinuity. */
  #wall: { timeUs: number; wall: number } | undefined;
  #black: BlackVideo | undefined;
  #silence = silentFrame();
  #nextAudioUs: number | undefined;
  #phase: HlsStreamState = 'starting';
  #isIdle = false;
  #settled: Promise<void> = Promise.resolve();
  #endedAt: number | null = null;

  /** @param kept What there is of it already: then it goes on, when a format comes. */
  constructor(options: HlsStreamOptions, kept?: KeptStream) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    ({ id: this.id, roomId: this.roomId, folder: this.folder } = options);
    this.startedAt = kept?.startedAt ?? this.#now();
    const segments = [...(kept?.renditions.values() ?? [])].flatMap((rendition) => rendition.segments);
    this.#state = {
      epoch: segments.reduce((most, { epoch }) => Math.max(most, epoch), -1) + 1,
      hole: segments.reduce((most, { hole }) => Math.max(most, hole), 0),
      wallOf: (timeUs) => (this.#wall ? this.#wall.wall + (timeUs - this.#wall.timeUs) / 1000 : this.#now()),
    };
    this.#kept = kept;
    this.#audio = this.#create(AUDIO, 'audio');
    while (kept?.renditions.has(`v${this.#videos.length}`)) this.#addVideo();
    if (kept) {
      this.#phase = 'ended';
      const last = segments.reduce((end, { wall, duration }) => Math.max(end, wall + duration * 1000), 0);
      this.#endedAt = kept.endedAt ?? last;
      const lengths = [...kept.renditions.values()].map((rendition) =>
        rendition.segments.reduce((sum, { duration }) => sum + duration, 0),
      );
      // Behind all that there is, so that times do not go back.
      this.#beginsUs = Math.max((last - this.startedAt) * 1000, ...lengths.map((length) => length * US)) + 10 * US;
    } else this.folder.begin(this.roomId, this.startedAt);
  }

  get state(): HlsStreamState {
    return this.#phase;
  }

  /** Milliseconds since the epoch; null while it is live. */
  get endedAt(): number | null {
    return this.#endedAt;
  }

  /** Whether nothing comes for now. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  get renditions(): readonly Rendition[] {
    return this.#videos.length === 0 ? [] : [...this.#videos, this.#audio];
  }

  /** What there is of it on the disk, about. */
  get bytes(): number {
    return this.renditions.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  rendition(name: string): Rendition | undefined {
    return this.renditions.find((rendition) => rendition.name === name);
  }

  /** The beginning of the youngest piece with a key frame, as an MP4 file, in the smallest size of at least `height`. */
  newestStart(height: number): Buffer | undefined {
    const fits = this.#videos.findLast(({ init }) => (init?.size?.height ?? 0) >= height);
    return (fits ?? this.#videos[0])?.newestStart();
  }

  /** What could not be kept is missing in the replay from here on. */
  lost(): void {
    this.#state.hole += 1;
  }

  format(format: ProgramFormat): void {
    this.#break();
    this.#wall = undefined;
    this.#format = format;
    this.#silence = silentFrame(format.audio?.channels);
    if (this.#phase === 'ended') this.#phase = 'starting';
    this.#endedAt = null;
    const { width, height } = this.#videos[0]?.init?.size ?? DEFAULT_SIZE;
    this.#black = format.videos.length === 0 ? createBlackVideo({ width, height }) : undefined;
    const pictures = this.#black ? [this.#black] : format.videos;
    while (this.#videos.length < pictures.length) this.#addVideo();
    for (const [index, rendition] of this.#videos.entries()) {
      const picture = pictures[Math.min(index, pictures.length - 1)];
      if (picture) beginVideo(rendition, picture);
    }
    beginAudio(this.#audio, format.audio ?? SILENT_AUDIO);
  }

  video(index: number, frame: ProgramFrame): void {
    const { videos, audio } = this.#format;
    if (index >= videos.length) return;
    const timeUs = this.#time(frame);
    // Before anything is filled: silence of before the pause would begin what comes behind it.
    this.#breakAfterPause(this.#videos[index], timeUs);
    if (index === 0 && this.#hasPicture) this.#fillAudio(audio ? timeUs - AUDIO_PATIENCE_US : timeUs);
    this.#push(this.#videos[index], timeUs, frame);
    if (index < videos.length - 1) return;
    for (const smaller of this.#videos.slice(videos.length)) this.#push(smaller, timeUs, frame);
  }

  audio(frame: ProgramFrame): void {
    if (!this.#format.audio) return;
    const timeUs = this.#steady(this.#time(frame));
    if (this.#black) this.#fillVideo(this.#black, timeUs);
    // Sound before the first picture would only keep players waiting for that.
    if (this.#hasPicture) this.#pushAudio(timeUs, frame.data);
  }

  idle(): void {
    this.#isIdle = true;
    this.#break();
    this.#wall = undefined;
  }

  ended(): void {
    if (this.#phase === 'ended') return;
    this.#break();
    this.#phase = 'ended';
    this.#endedAt = this.#now();
    this.#settled = this.#end(this.#endedAt);
    for (const rendition of this.renditions) rendition.changed();
    this.#options.onChange?.();
  }

  /** Resolves when what ended is on the disk, or given up. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /** The multivariant playlist, with names of playlists behind a prefix; undefined where there is nothing to be played. */
  multivariant(kind: 'live' | 'replay', prefix: string): string | undefined {
    const { init: sound } = this.#audio;
    if (!sound || this.#videos.length === 0) return undefined;
    const uri = (name: string) => prefix + (kind === 'live' ? nameOf.playlist(name) : nameOf.replay(name));
    const playable = this.#videos.filter(({ isPlayable }) => isPlayable);
    if (playable.length === 0) return undefined;
    const videos = playable.map((rendition) => {
      const { init, name, figures } = rendition;
      return { uri: uri(name), codec: init?.codec ?? '', size: init?.size, ...figures };
    });
    return multivariantPlaylist(videos, { uri: uri(AUDIO), codec: sound.codec, ...this.#audio.figures });
  }

  async #end(at: number): Promise<void> {
    await Promise.all(this.renditions.map((rendition) => rendition.settled()));
    await this.folder.end(at);
  }

  #create(name: string, kind: 'video' | 'audio', onCut?: (timeUs: number) => void): Rendition {
    const { folder: keeper, windowSeconds, keepsAll } = this.#options;
    const options = { name, kind, keeper, windowSeconds, keepsAll, state: this.#state, ...(onCut && { onCut }) };
    return new Rendition(options, this.#kept?.renditions.get(name));
  }

  #addVideo(): void {
    const index = this.#videos.length;
    // The sound is cut where the largest picture is.
    const onCut = (timeUs: number) => {
      this.#audio.cutAt(timeUs);
      if (this.bytes > (this.#options.maxBytes ?? Infinity)) for (const each of this.renditions) each.dropPast();
    };
    this.#videos.push(this.#create(`v${index}`, 'video', index === 0 ? onCut : undefined));
  }

  /** Ends what there is: what comes next does not continue it. */
  #break(): void {
    const hadFrames = this.renditions.some(({ lastUs }) => lastUs !== undefined);
    for (const rendition of this.renditions) rendition.flush();
    if (hadFrames) this.#state.epoch += 1;
    this.#nextAudioUs = undefined;
    if (hadFrames) this.#resumesUs = Math.max(...this.renditions.map(({ endUs }) => endUs));
  }

  #breakAfterPause(rendition: Rendition | undefined, timeUs: number): void {
    if (timeUs - (rendition?.lastUs ?? timeUs) > MAX_FRAME_US) this.#break();
  }

  /** On the clock of this stream. */
  #time({ timeUs, wall }: ProgramFrame): number {
    this.#isIdle = false;
    this.#originUs ??= timeUs;
    const time = timeUs - this.#originUs + this.#beginsUs;
    this.#wall ??= { timeUs: time, wall };
    return time;
  }

  #push(
    rendition: Rendition | undefined,
    timeUs: number,
    { keyFrame, data }: { keyFrame: boolean; data: Buffer },
  ): void {
    if (!rendition || timeUs < 0) return;
    this.#breakAfterPause(rendition, timeUs);
    if (this.#resumesUs !== undefined && keyFrame) {
      for (const each of this.renditions) each.shift(timeUs - this.#resumesUs);
      this.#resumesUs = undefined;
    }
    rendition.push({ timeUs, keyFrame, data });
    if (this.#phase === 'starting' && this.isPlayable) {
      this.#phase = 'live';
      this.#options.onChange?.();
    }
  }

  /** All renditions, so that the first players know of them; but a layer that does not come is not waited for. */
  get isPlayable(): boolean {
    const playable = this.#videos.filter(({ isPlayable }) => isPlayable);
    const isLate = playable.some(({ segmentCount }) => segmentCount > 1);
    return this.#audio.isPlayable && playable.length > 0 && (isLate || playable.length === this.#videos.length);
  }

  get #hasPicture(): boolean {
    return this.#videos[0]?.needsKeyFrame === false;
  }

  get #audioFrameUs(): number {
    return (AAC_SAMPLES * US) / (this.#format.audio ?? SILENT_AUDIO).sampleRate;
  }

  /** Frames of sound follow one another without gaps, whatever the jitter of their times. */
  #steady(timeUs: number): number {
    const expected = this.#nextAudioUs;
    return expected !== undefined && Math.abs(timeUs - expected) < AUDIO_JITTER_US ? expected : timeUs;
  }

  #pushAudio(timeUs: number, data: Buffer): void {
    this.#push(this.#audio, timeUs, { keyFrame: true, data });
    this.#nextAudioUs = Math.max(this.#nextAudioUs ?? 0, timeUs + this.#audioFrameUs);
  }

  #fillAudio(untilUs: number): void {
    // A long pause is the discontinuity that it is.
    const isLong = untilUs - (this.#nextAudioUs ?? -Infinity) > MAX_FRAME_US;
    let timeUs = this.#nextAudioUs === undefined || isLong ? Math.max(0, untilUs) : this.#nextAudioUs;
    for (; timeUs <= untilUs; timeUs += this.#audioFrameUs) this.#pushAudio(timeUs, this.#silence);
  }

  #fillVideo(black: BlackVideo, untilUs: number): void {
    const lengthUs = US / BLACK_FPS;
    const { lastUs } = this.#videos[0] ?? {};
    if (lastUs !== undefined && untilUs - lastUs < lengthUs) return;
    const timeUs = lastUs === undefined || untilUs - lastUs > 2 * lengthUs ? untilUs : lastUs + lengthUs;
    const frame = black.next();
    for (const rendition of this.#videos) this.#push(rendition, timeUs, frame);
  }
}

function beginVideo(rendition: Rendition, { width, height, config }: ProgramRendition): void {
  const format: TrackFormat = { kind: 'video', codec: 'h264', width, height, config };
  const init = mp4Init([{ id: 1, timescale: VIDEO_TIMESCALE, format }]);
  rendition.begin(
    { codec: codecString(format), size: { width, height } },
    VIDEO_TIMESCALE,
    init,
    parameterSets(config),
  );
}

function beginAudio(rendition: Rendition, { sampleRate, channels, config }: ProgramAudio): void {
  const format: TrackFormat = { kind: 'audio', codec: 'aac', sampleRate, channels, config };
  const init = mp4Init([{ id: 1, timescale: sampleRate, format }]);
  rendition.begin({ codec: codecString(format), size: undefined }, sampleRate, init);
}

/** The parameter sets of an avcC record (ISO/IEC 14496-15 section 5.3.3.1), as they are put before a picture. */
function parameterSets(config: Buffer): Buffer {
  const units: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (config[at] ?? 0) & mask;
    at += 1;
    for (let index = 0; index < count && at + 2 <= config.length; index++) {
      const end = at + 2 + config.readUInt16BE(at);
      units.push(config.subarray(at + 2, end));
      at = end;
    }
  }
  return lengthPrefixed(units);
}
