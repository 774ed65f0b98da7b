import { tw } from '../i18n/watch.ts';
import { IconButton } from '../ui/button.tsx';
import type { HlsPlayer } from './hls-player.ts';

/** Less than this there is nothing to go back to, in seconds. */
const WORTH_REWINDING_S = 8;

/** Stop and go, the bar to go back on, the way back to what is on now, and how good the picture is. */
export function HlsControls({ player }: { player: HlsPlayer }) {
  const at = player.position.value;
  const paused = player.paused.value;
  const canSeek = at !== null && at.end - at.start > WORTH_REWINDING_S;
  const behind = at === null ? 0 : Math.max(0, at.end - at.now);
  const time = at === null ? '' : at.live ? `−${clock(behind)}` : `${clock(at.now)} / ${clock(at.end)}`;
  return (
    <div class="watch-controls" data-testid="watch-controls">
      <IconButton
        icon={paused ? 'play' : 'pause'}
        label={paused ? tw('play') : tw('pause')}
        onClick={() => player.setPaused(!paused)}
      />
      {canSeek && (
        <input
          type="range"
          class="watch-seek"
          aria-label={tw('position')}
          aria-valuetext={at.live ? tw('position.behind', { time: clock(behind) }) : time}
          min={at.start}
          max={at.end}
          step={1}
          value={Math.min(at.now, at.end)}
          onInput={(event) => player.seek(Number(event.currentTarget.value))}
        />
      )}
      {at?.live === true && player.isBehind.value && (
        <button type="button" class="watch-back" onClick={() => player.toLive()}>
          {tw('back-to-live')}
        </button>
      )}
      {canSeek && (!at.live || player.isBehind.value) && <span class="watch-time">{time}</span>}
      <Renditions player={player} />
    </div>
  );
}

function Renditions({ player }: { player: HlsPlayer }) {
  const all = player.renditions.value;
  if (all.length < 2) return null;
  return (
    <select
      class="watch-quality"
      aria-label={tw('quality')}
      value={player.rendition.value ?? 'auto'}
      onChange={({ currentTarget: { value } }) => player.choose(value === 'auto' ? null : Number(value))}
    >
      <option value="auto">{tw('quality.auto')}</option>
      {all.map(({ id, height }) => (
        <option key={id} value={id}>
          {height}p
        </option>
      ))}
    </select>
  );
}

/** Seconds as people read them: 1:05, 1:02:05. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => `${value}`.padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
