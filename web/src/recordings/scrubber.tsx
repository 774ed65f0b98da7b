import type { ApiRecording } from '@amphi/protocol/api';
import { useState } from 'preact/hooks';
import { tr } from '../i18n/recordings.ts';
import { clock } from './words.ts';

type Props = {
  /** Seconds. */
  at: number;
  lengthMs: number;
  recording: Pick<ApiRecording, 'chapters' | 'strip'>;
  onSeek: (seconds: number) => void;
};

/** The time line: with chapters marked, and a small picture of where the pointer is. */
export function Scrubber({ at, lengthMs, recording, onSeek }: Props) {
  const [hover, setHover] = useState<number | undefined>(undefined);
  const length = lengthMs / 1000;
  const point = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    setHover(Math.min(Math.max((event.clientX - left) / width, 0), 1));
  };
  return (
    <div class="scrubber" onPointerMove={point} onPointerLeave={() => setHover(undefined)}>
      {hover !== undefined && <Preview share={hover} lengthMs={lengthMs} strip={recording.strip} />}
      <div class="scrubber-marks" aria-hidden="true">
        <div class="scrubber-done" style={{ width: `${Math.min(100, (at / length) * 100)}%` }} />
        {recording.chapters.slice(1).map(({ atMs }) => (
          <i key={atMs} style={{ left: `${(atMs / lengthMs) * 100}%` }} />
        ))}
      </div>
      <input
        type="range"
        min={0}
        max={length}
        step={0.1}
        value={at}
        aria-label={tr('player.seek')}
        aria-valuetext={tr('player.position', { at: clock(at * 1000), length: clock(lengthMs) })}
        onInput={(event) => onSeek(Number(event.currentTarget.value))}
      />
    </div>
  );
}

function Preview({ share, lengthMs, strip }: { share: number; lengthMs: number; strip: ApiRecording['strip'] }) {
  const atMs = share * lengthMs;
  const picture = (() => {
    if (strip === null) return undefined;
    const index = Math.min(strip.count - 1, Math.floor(atMs / strip.intervalMs));
    const [column, row] = [index % strip.columns, Math.floor(index / strip.columns)];
    return {
      width: `${strip.width}px`,
      height: `${strip.height}px`,
      backgroundImage: `url("${strip.path}")`,
      backgroundPosition: `-${column * strip.width}px -${row * strip.height}px`,
    };
  })();
  return (
    <div class="scrubber-preview" aria-hidden="true" style={{ left: `${share * 100}%` }}>
      {picture && <div class="scrubber-picture" style={picture} />}
      <span>{clock(atMs)}</span>
    </div>
  );
}
