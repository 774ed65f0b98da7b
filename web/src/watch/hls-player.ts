import { computed, effect, signal } from '@preact/signals';
import { type HlsSource, openHls, type Rendition } from './hls-source.ts';

const LOOK_EVERY_MS = 500;
/** Further behind than this is a choice to look at what was, in seconds. */
const BEHIND_S = 5;
/** Who follows the event and falls back further than this, in a tab that slept, is brought up to it. */
const TOO_LATE_S = 15;
/** So far from the beginning of a live stream, which moves on while one looks. In seconds. */
const MARGIN_S = 0.5;
/** A picture that stands so long is interrupted; after the longer time everything begins anew. In milliseconds. */
const STALLED_MS = 2500;
const STUCK_MS = 12_000;

/** Where a player is, in seconds of the media. */
export type Position = { start: number; now: number; end: number; live: boolean };

export type HlsPlayer = ReturnType<typeof createHlsPlayer>;

export type HlsPlayerOptions = {
  path: string;
  serverNow(): number;
  /**
   * Of what is live: whether anything comes. While its publisher is away a picture that stands is none that is stuck. Left out
   * for what is whole, and may end.
   */
  comes?(): boolean;
};

/** Plays an HLS stream, live or whole, and says where it is. The video is made here and stays the same for good. */
export function createHlsPlayer({ path, serverNow, comes }: HlsPlayerOptions) {
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.disablePictureInPicture = false;
  const muted = signal(true);
  const shown = signal(false);
  const paused = signal(false);
  const stalled = signal(false);
  const delayMs = signal<number | null>(null);
  const position = signal<Position | null>(null);
  const renditions = signal<readonly Rendition[]>([]);
  const rendition = signal<number | null>(null);
  const source = signal<HlsSource | null>(null);
  const interrupted = computed(() => stalled.value || source.value?.interrupted.value === true);
  let closed = false;
  let movedAt = performance.now();
  let lastTime = -1;
  let following = true;
  let stopRenditions: (() => void) | undefined;

  const onPlaying = () => (shown.value = true);
  const onPause = () => (paused.value = video.paused);
  video.addEventListener('playing', onPlaying);
  video.addEventListener('pause', onPause);
  video.addEventListener('play', onPause);

  openHls(video, path).then(
    (opened) => {
      if (closed) {
        opened.close();
        return;
      }
      source.value = opened;
      stopRenditions = effect(() => {
        renditions.value = opened.renditions.value;
      });
    },
    // The player itself could not be fetched: whoever looks sees that nothing comes.
    () => (stalled.value = true),
  );

  const timer = setInterval(look, LOOK_EVERY_MS);

  function look(): void {
    const now = performance.now();
    const { currentTime, seekable } = video;
    const live = source.value?.liveAt() ?? null;
    const isLive = video.duration === Infinity || live !== null;
    if (seekable.length > 0 || Number.isFinite(video.duration)) {
      const start = source.value?.startsAt() ?? (seekable.length > 0 ? seekable.start(0) : 0);
      const end = live ?? (Number.isFinite(video.duration) ? video.duration : seekable.end(seekable.length - 1));
      position.value = { start, now: currentTime, end: Math.max(end, start), live: isLive };
    }
    // Players take what they know of a stream for all of it, some at any time, and all when a server that was killed is back.
    const hasEnded = video.ended && comes === undefined;
    if (currentTime !== lastTime || video.paused || hasEnded || comes?.() === false) {
      movedAt = now;
      lastTime = currentTime;
    }
    // Before the first picture it is the source's to say whether something is wrong.
    stalled.value = shown.value && now - movedAt > STALLED_MS;
    if (shown.value && now - movedAt > STUCK_MS) {
      movedAt = now;
      source.value?.restart();
    }
    if (following && live !== null && !video.paused && live - currentTime > TOO_LATE_S) toLive();
    const shownAt = isLive && !video.paused ? (source.value?.shownAt() ?? null) : null;
    delayMs.value = shownAt === null ? null : Math.max(0, Math.round(serverNow() - shownAt));
  }

  function seek(to: number): void {
    const { start = 0, end = to, live = false } = position.value ?? {};
    following = live && end - to < BEHIND_S;
    // Before its beginning there is nothing, and there hls.js takes a live stream to what is on now.
    video.currentTime = live ? Math.max(to, start + MARGIN_S) : to;
    look();
  }

  function toLive(): void {
    following = true;
    const live = source.value?.liveAt();
    if (live !== null && live !== undefined) video.currentTime = live;
    video.play().catch(() => undefined);
  }

  return {
    video,
    muted,
    shown,
    paused,
    interrupted,
    delayMs,
    position,
    renditions,
    rendition,
    /** Whether it plays something of before, by choice. */
    isBehind: computed(() => {
      const at = position.value;
      return at?.live === true && at.end - at.now > BEHIND_S;
    }),
    setMuted(next: boolean): void {
      muted.value = video.muted = next;
    },
    setPaused(next: boolean): void {
      if (next) {
        following = false;
        video.pause();
      } else video.play().catch(() => undefined);
    },
    choose(id: number | null): void {
      rendition.value = id;
      source.value?.choose(id);
    },
    seek,
    toLive,
    close(): void {
      closed = true;
      clearInterval(timer);
      stopRenditions?.();
      video.removeEventListener('playing', onPlaying);
      video.removeEventListener('pause', onPause);
      video.removeEventListener('play', onPause);
      source.value?.close();
      video.remove();
    },
  };
}
