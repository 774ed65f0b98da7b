import { signal } from '@preact/signals';
import HlsJs, { type ErrorData, type HlsConfig, type LoadPolicy } from 'hls.js';
import type { HlsSource, Rendition } from './hls-source.ts';

/** How long a whole new beginning waits after the first failure and at most, in milliseconds; it doubles in between. */
const AGAIN_MS = 500;
const AGAIN_MOST_MS = 8000;
/** A decoder that fails is given another try so often before all begins anew. */
const MEDIA_TRIES = 2;
/** Who is no further behind than this looks at what is on now, in seconds. */
const FOLLOWING_S = 5;

const policy = (maxTimeToFirstByteMs: number, maxLoadTimeMs: number, tries: number): LoadPolicy => ({
  default: {
    maxTimeToFirstByteMs,
    maxLoadTimeMs,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: tries, retryDelayMs: 500, maxRetryDelayMs: 4000, backoff: 'exponential' },
  },
});

const CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: true,
  // Fragmented MP4 needs no work before it is played, so there is nothing for a worker to do.
  enableWorker: false,
  // To catch up by itself with what was lost to a stall; without this the delay only ever grows.
  maxLiveSyncPlaybackRate: 1.15,
  // What was seen is fetched again by who goes back: an event may last for hours.
  backBufferLength: 30,
  capLevelToPlayerSize: true,
  manifestLoadPolicy: policy(10_000, 20_000, 2),
  // A playlist that is waited for comes when the next part does.
  playlistLoadPolicy: policy(10_000, 20_000, 3),
  fragLoadPolicy: policy(10_000, 60_000, 4),
};

/** The player of all browsers with Media Source Extensions. */
export function openHlsJs(video: HTMLVideoElement, path: string): HlsSource {
  const interrupted = signal(false);
  const renditions = signal<readonly Rendition[]>([]);
  let chosenHeight: number | null = null;
  let hls: HlsJs;
  let failures = 0;
  let mediaTries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function begin(startPosition: number): void {
    clearTimeout(timer);
    hls = new HlsJs({ ...CONFIG, startPosition });
    hls.on(HlsJs.Events.MANIFEST_PARSED, (_event, { levels }) => {
      renditions.value = levels
        .map(({ height }, id) => ({ id, height }))
        .filter(({ height }) => height > 0)
        .toSorted((a, b) => b.height - a.height);
      if (chosenHeight !== null) choose(renditions.value.find(({ height }) => height === chosenHeight)?.id ?? null);
      // Muted, or after a click: nothing stands against it.
      video.play().catch(() => undefined);
    });
    hls.on(HlsJs.Events.FRAG_BUFFERED, () => {
      interrupted.value = false;
      failures = mediaTries = 0;
    });
    hls.on(HlsJs.Events.ERROR, (_event, error) => onError(error));
    hls.loadSource(path);
    hls.attachMedia(video);
  }

  function onError({ fatal, type }: ErrorData): void {
    if (!fatal) return;
    if (type === HlsJs.ErrorTypes.MEDIA_ERROR && mediaTries++ < MEDIA_TRIES) {
      hls.recoverMediaError();
      return;
    }
    interrupted.value = true;
    again();
  }

  /** Where to go on: at what is on now, or where somebody went back to; -1 is hls.js' own choice. */
  function place(): number {
    const live = hls.latestLevelDetails?.live === true ? hls.liveSyncPosition : null;
    const isFollowing = live !== null && live - video.currentTime < FOLLOWING_S;
    return isFollowing || video.currentTime === 0 ? -1 : video.currentTime;
  }

  /** All anew after a while: not all viewers at the same moment. */
  function again(): void {
    const at = place();
    hls.destroy();
    const wait = Math.min(AGAIN_MOST_MS, AGAIN_MS * 2 ** failures++) * (0.5 + Math.random());
    timer = setTimeout(() => {
      if (!closed) begin(at);
    }, wait);
  }

  function choose(id: number | null): void {
    chosenHeight = id === null ? null : (hls.levels[id]?.height ?? null);
    hls.nextLevel = id ?? -1;
  }

  begin(-1);
  return {
    interrupted,
    renditions,
    choose,
    liveAt: () => (hls.latestLevelDetails?.live === true ? hls.liveSyncPosition : null),
    // The buffer knows nothing of what the playlist has dropped by now.
    startsAt: () => hls.latestLevelDetails?.fragmentStart ?? null,
    shownAt: () => hls.playingDate?.getTime() ?? null,
    restart: again,
    close() {
      closed = true;
      clearTimeout(timer);
      hls.destroy();
    },
  };
}
