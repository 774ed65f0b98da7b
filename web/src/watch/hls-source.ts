import { type ReadonlySignal, signal } from '@preact/signals';

/** A size in which a stream is to be had. */
export type Rendition = { id: number; height: number };

/** What feeds a video element with an HLS stream, whoever does the work. */
export interface HlsSource {
  /** Whether what it needs is not to be had for now; it tries again by itself. */
  readonly interrupted: ReadonlySignal<boolean>;
  /** From the largest on; empty where there is nothing to choose. */
  readonly renditions: ReadonlySignal<readonly Rendition[]>;
  /** Takes one of {@link renditions} only, or with null what fits the network. */
  choose(id: number | null): void;
  /** Where a live stream is best watched, in seconds of the media; null while unknown, and for what is no live stream. */
  liveAt(): number | null;
  /** How far back it can be played, in seconds of the media; null while unknown. */
  startsAt(): number | null;
  /** When what is on the screen was captured, in milliseconds since the epoch by the server's clock; null if not known. */
  shownAt(): number | null;
  /** Begins anew, because nothing moves. */
  restart(): void;
  close(): void;
}

const NATIVE = 'application/vnd.apple.mpegurl';
/** Between tries of a player that cannot say what is wrong, in milliseconds. */
const NATIVE_RETRY_MS = 3000;

/** Feeds the video: by hls.js where the browser has Media Source Extensions, else by what the browser has of its own. */
export async function openHls(video: HTMLVideoElement, path: string): Promise<HlsSource> {
  const hasMediaSource = 'MediaSource' in window || 'ManagedMediaSource' in window;
  if (!hasMediaSource && video.canPlayType(NATIVE) !== '') return openNative(video, path);
  return (await import('./hls-js.ts')).openHlsJs(video, path);
}

/** The player of Safari on iPhones. */
function openNative(video: HTMLVideoElement & { getStartDate?: () => Date }, path: string): HlsSource {
  const interrupted = signal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = () => {
    video.src = path;
    video.play().catch(() => undefined);
  };
  const onError = () => {
    interrupted.value = true;
    clearTimeout(timer);
    timer = setTimeout(load, NATIVE_RETRY_MS);
  };
  const onPlaying = () => (interrupted.value = false);
  video.addEventListener('error', onError);
  video.addEventListener('playing', onPlaying);
  load();
  return {
    interrupted,
    renditions: signal([]),
    choose() {},
    liveAt() {
      const { seekable, duration } = video;
      return duration === Infinity && seekable.length > 0 ? seekable.end(seekable.length - 1) : null;
    },
    startsAt: () => (video.seekable.length > 0 ? video.seekable.start(0) : null),
    shownAt() {
      const start = video.getStartDate?.().getTime() ?? Number.NaN;
      return Number.isNaN(start) ? null : start + video.currentTime * 1000;
    },
    restart: load,
    close() {
      clearTimeout(timer);
      video.removeEventListener('error', onError);
      video.removeEventListener('playing', onPlaying);
      video.removeAttribute('src');
      video.load();
    },
  };
}
