import { useEffect, useMemo } from 'preact/hooks';
import { tw } from '../i18n/watch.ts';
import { IconButton } from '../ui/button.tsx';
import { HlsControls } from './hls-controls.tsx';
import { createHlsPlayer } from './hls-player.ts';
import { HlsVideo } from './hls-tier.tsx';

/** What was live, from its beginning. It was asked for by a click, so it begins with its sound. */
export function Replay({ path, title }: { path: string; title: string }) {
  const player = useMemo(() => {
    const made = createHlsPlayer({ path, serverNow: Date.now });
    made.setMuted(false);
    return made;
  }, [path]);
  useEffect(() => () => player.close(), [player]);
  const muted = player.muted.value;
  const phase = player.interrupted.value ? 'retrying' : player.shown.value ? 'playing' : 'starting';
  return (
    <div class="watch-player" data-testid="watch-replay" data-phase={phase}>
      <HlsVideo player={player} label={title} />
      {phase !== 'playing' && (
        <div class="watch-cover-all" role="status">
          <span class="spinner" aria-hidden="true" />
          <p>{tw(phase === 'starting' ? 'starting' : 'retrying')}</p>
        </div>
      )}
      <div class="watch-below">
        <IconButton
          class="watch-mute"
          icon={muted ? 'volume-off' : 'volume'}
          label={tw(muted ? 'unmute' : 'mute')}
          onClick={() => player.setMuted(!muted)}
        />
        <HlsControls player={player} />
      </div>
    </div>
  );
}
