import type { Call } from '@amphi/client';
import type { Live, LiveSnapshot } from '@amphi/features/live/client.ts';
import { computed, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { tw } from '../i18n/watch.ts';
import { Icon } from '../ui/icon.tsx';
import { About } from './about.tsx';
import { Ended } from './ended.tsx';
import { FullscreenButton } from './fullscreen-button.tsx';
import { Invitation } from './invitation.tsx';
import { createLadder } from './ladder.ts';
import { Player } from './player.tsx';
import { hasWebRtc } from './prepare.ts';
import { FlyingReactions, ReactionButtons } from './reactions.tsx';
import { Slate } from './slate.tsx';
import { TierBadge } from './tier-badge.tsx';
import { WatchChat } from './watch-chat.tsx';

type Props = { call: Call; live: Live; state: ReadonlySignal<LiveSnapshot | null> };

/** The seat of one viewer: the picture, what goes on around it, and the ways to take part. */
export function AudienceView({ call, live, state }: Props) {
  const snapshot = state.value;
  if (snapshot === null || snapshot.event === null) return <Slate kind="connecting" title={tw('connecting')} />;
  const { event } = snapshot;
  const title = event.title === '' ? t('watch.title', { room: call.room?.id ?? '' }) : event.title;
  if (event.state === 'ended') return <Ended snapshot={snapshot} title={title} />;
  if (event.state !== 'live') {
    return (
      <Slate kind="waiting" title={title} text={`${tw('waiting')}. ${tw('waiting.text')}`} cover={event.cover}>
        {event.description !== '' && <p class="watch-description">{event.description}</p>}
      </Slate>
    );
  }
  return <Seat call={call} live={live} state={state} snapshot={snapshot} title={title} />;
}

type SeatProps = Props & { snapshot: LiveSnapshot; title: string };

function Seat({ call, live, state, snapshot, title }: SeatProps) {
  const ladder = useMemo(
    () => createLadder({ call, live, state: computed(() => state.value ?? live.state) }),
    [call, live, state],
  );
  useEffect(() => () => ladder.close(), [ladder]);
  const tier = ladder.tier.value;
  return (
    <div class="watch">
      <header class="watch-header">
        <span class="watch-live" data-testid="watch-live">
          {tw('live')}
        </span>
        <h1>{title}</h1>
        <span class="watch-count" data-testid="watch-count">
          <Icon name="people" size={18} />
          {tw('viewers', { count: snapshot.audience.viewers })}
        </span>
      </header>
      <main class="watch-main">
        <div class="watch-screen-box">
          {tier !== null && (
            <>
              <Player
                key={tier.name}
                tier={tier}
                hindrance={ladder.hindrance.value}
                poster={ladder.thumbnail.value}
                setMuted={ladder.setMuted}
              />
              <TierBadge tier={tier} ladder={ladder} />
            </>
          )}
          <FlyingReactions live={live} />
          <FullscreenButton />
        </div>
        <div class="watch-bar">
          <ReactionButtons live={live} />
          {hasWebRtc() && <HandButton live={live} snapshot={snapshot} />}
        </div>
        {snapshot.event !== null && <About event={snapshot.event} />}
      </main>
      <WatchChat call={call} />
      {snapshot.self === 'invited' && <Invitation live={live} by={snapshot.invitedBy ?? ''} />}
    </div>
  );
}

function HandButton({ live, snapshot }: { live: Live; snapshot: LiveSnapshot }) {
  const raised = snapshot.self === 'raised';
  return (
    <span class="watch-hand">
      <button
        type="button"
        class={`button ${raised ? 'button-primary' : 'button-plain'}`}
        aria-pressed={raised}
        onClick={() => live.raiseHand(!raised).catch(() => undefined)}
      >
        <Icon name="hand" />
        <span>{raised ? tw('hand.down') : tw('hand')}</span>
      </button>
      <span role="status" class="sr-only">
        {raised ? tw('hand.raised') : ''}
      </span>
    </span>
  );
}
