import { tw } from '../i18n/watch.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Hindrance } from './ladder.ts';
import type { Tier } from './tier.ts';

const COVERS = {
  starting: 'starting',
  reconnecting: 'reconnecting',
  retrying: 'retrying',
  empty: 'empty',
} as const;

type Props = {
  tier: Tier;
  hindrance?: Hindrance;
  /** The path of a picture that stands in until the first one comes. */
  poster?: string | null;
  setMuted: (muted: boolean) => void;
};

/** The picture of a tier, what covers it when there is none, and the sound. */
export function Player({ tier, hindrance = null, poster = null, setMuted }: Props) {
  const phase = tier.phase.value;
  const muted = tier.muted.value;
  return (
    <div class="watch-player" data-testid="watch-player" data-phase={phase} data-tier={tier.name}>
      <tier.View />
      {phase === 'starting' && poster !== null && (
        <img class="watch-poster" src={poster} alt="" onError={({ currentTarget }) => (currentTarget.hidden = true)} />
      )}
      {phase !== 'playing' && (
        <div class="watch-cover-all" role="status">
          {phase !== 'empty' && <span class="spinner" aria-hidden="true" />}
          <p>{tw(COVERS[phase])}</p>
          {/* Nothing else brings the picture: say what is wrong, so that nobody waits for nothing. */}
          {phase === 'starting' && tier.name === 'webrtc' && hindrance !== null && (
            <small>{tw(`hindrance.${hindrance}`)}</small>
          )}
        </div>
      )}
      {muted && (
        <button type="button" class="watch-sound" onClick={() => setMuted(false)}>
          <Icon name="volume-off" />
          <span>{tw('sound')}</span>
        </button>
      )}
      <div class="watch-below">
        {!muted && <IconButton class="watch-mute" icon="volume" label={tw('mute')} onClick={() => setMuted(true)} />}
        {tier.Controls ? <tier.Controls /> : null}
      </div>
    </div>
  );
}
