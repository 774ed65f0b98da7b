import type { ApiRecording } from '@amphi/protocol/api';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { tr } from '../i18n/recordings.ts';
import { Icon } from '../ui/icon.tsx';
import { Chapters } from './chapters.tsx';
import { actOnKey } from './player-keys.ts';
import { Scrubber } from './scrubber.tsx';
import { clock } from './words.ts';

type Props = {
  /** An address of the film, good for some minutes: asked for again when it no longer is. */
  getUrl: () => Promise<string>;
  recording: Pick<ApiRecording, 'durationMs' | 'chapters' | 'poster' | 'strip'>;
};

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;
/** A film that fails again so soon is not tried any more. */
const RETRY_AFTER_MS = 20_000;

/** Plays a film: with what it is looked through by, at another speed, by keyboard. */
export function Player({ getUrl, recording }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const ref = useRef<HTMLVideoElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [isMuted, setMuted] = useState(false);
  const source = useFilm(ref, getUrl);
  const lengthMs = recording.durationMs;
  const video = () => ref.current;

  const toggle = () => {
    const element = video();
    if (element?.paused) element.play().catch(() => setPlaying(false));
    else element?.pause();
  };
  const seek = (seconds: number) => {
    const element = video();
    if (!element) return;
    element.currentTime = Math.min(Math.max(seconds, 0), element.duration || lengthMs / 1000);
    setAt(element.currentTime);
  };
  const mute = () => {
    const element = video();
    if (element) element.muted = !element.muted;
  };
  const fullscreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void box.current?.requestFullscreen?.().catch(() => undefined);
  };
  const setRate = (rate: number) => {
    const element = video();
    if (element) element.playbackRate = rate;
    setSpeed(rate);
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) =>
      actOnKey(event, { toggle, mute, fullscreen, skip: (by) => seek((video()?.currentTime ?? 0) + by), seek });
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  return (
    <div class="film">
      <section class="film-box" ref={box} aria-label={tr('player.label')}>
        {/* oxlint-disable-next-line jsx-a11y/media-has-caption, jsx-a11y/click-events-have-key-events -- nobody wrote down what was said; the button and the space bar do what a click does */}
        <video
          ref={ref}
          playsInline
          preload="metadata"
          {...(recording.poster === null ? {} : { poster: recording.poster })}
          onClick={toggle}
          onPlay={() => {
            source.wanted(true);
            setPlaying(true);
          }}
          onPause={(event) => {
            // A browser that fails pauses as well, which nobody asked for.
            if (event.currentTarget.error === null) source.wanted(false);
            setPlaying(false);
          }}
          onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          onVolumeChange={(event) => setMuted(event.currentTarget.muted)}
          onError={source.failed}
        />
        {source.problem && (
          <p class="film-problem" role="alert">
            {tr('player.failed')}
          </p>
        )}
        <div class="film-bar">
          <button
            type="button"
            class="film-button"
            aria-label={tr(isPlaying ? 'player.pause' : 'player.play')}
            onClick={toggle}
          >
            <svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
              <path d={isPlaying ? 'M7 5h4v14H7zM13 5h4v14h-4z' : 'M8 4.5v15l12-7.5z'} fill="currentColor" />
            </svg>
          </button>
          <Scrubber at={at} lengthMs={lengthMs} recording={recording} onSeek={seek} />
          <span class="film-time">
            {clock(at * 1000)} / {clock(lengthMs)}
          </span>
          <select
            class="film-speed"
            aria-label={tr('player.speed')}
            value={speed}
            onChange={(event) => setRate(Number(event.currentTarget.value))}
          >
            {SPEEDS.map((rate) => (
              <option key={rate} value={rate} selected={rate === speed}>
                {rate}×
              </option>
            ))}
          </select>
          <button
            type="button"
            class="film-button"
            aria-label={tr(isMuted ? 'player.unmute' : 'player.mute')}
            onClick={mute}
          >
            <Icon name={isMuted ? 'volume-off' : 'volume'} />
          </button>
          <button type="button" class="film-button" aria-label={tr('player.fullscreen')} onClick={fullscreen}>
            <Icon name="fullscreen" />
          </button>
        </div>
      </section>
      <div class="film-side">
        <Chapters chapters={recording.chapters} atMs={at * 1000} onSeek={(ms) => seek(ms / 1000)} />
        <p class="muted film-keys">{tr('player.keys')}</p>
      </div>
    </div>
  );
}

/** Keeps a source in the video: links are good for minutes, and films may be hours long. */
function useFilm(ref: { current: HTMLVideoElement | null }, getUrl: () => Promise<string>) {
  const [problem, setProblem] = useState(false);
  const fetchedAt = useRef(0);
  /** Whether it is to go on by itself with another link. */
  const isWanted = useRef(false);

  const load = useCallback(
    async (isCurrent: () => boolean) => {
      try {
        const url = await getUrl();
        const video = ref.current;
        if (!video || !isCurrent()) return;
        const { currentTime, playbackRate } = video;
        video.src = url;
        video.currentTime = currentTime;
        video.playbackRate = playbackRate;
        fetchedAt.current = performance.now();
        setProblem(false);
        if (isWanted.current) await video.play();
      } catch {
        if (isCurrent()) setProblem(true);
      }
    },
    [ref, getUrl],
  );

  useEffect(() => {
    let isOver = false;
    void load(() => !isOver);
    return () => {
      isOver = true;
    };
  }, [load]);

  const failed = () => {
    if (performance.now() - fetchedAt.current < RETRY_AFTER_MS) setProblem(true);
    else void load(() => true);
  };
  const wanted = (isPlayed: boolean) => (isWanted.current = isPlayed);
  return { problem, failed, wanted };
}
