import type { Call } from '@amphi/client';
import type { Live, LiveSnapshot } from '@amphi/features/live/client.ts';
import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';
import { IconButton } from '../ui/button.tsx';
import { Invitation } from './invitation.tsx';
import { Player } from './player.tsx';
import { FlyingReactions, ReactionButtons } from './reactions.tsx';
import { Slate } from './slate.tsx';
import { WatchChat } from './watch-chat.tsx';
import { createWebrtcTier } from './webrtc-tier.tsx';

type Props = { call: Call; live: Live; state: ReadonlySignal<LiveSnapshot | null> };

/** The seat of one viewer: the picture, what goes on around it, and the ways to take part. */
export function AudienceView({ call, live, state }: Props) {
  const snapshot = state.value;
  const event = snapshot?.event ?? null;
  if (event === null) return <Slate kind="connecting" title={t('watch.connecting')} />;
  const title = event.title === '' ? t('watch.title', { room: call.room?.id ?? '' }) : event.title;
  if (event.state === 'ended')
    return <Slate kind="ended" title={t('watch.ended')} text={`${title} — ${t('watch.ended.text')}`} />;
  if (event.state !== 'live')
    return <Slate kind="waiting" title={title} text={`${t('watch.waiting')}. ${t('watch.waiting.text')}`} />;
  return <Seat call={call} live={live} snapshot={snapshot as LiveSnapshot} title={title} />;
}

function Seat({ call, live, snapshot, title }: { call: Call; live: Live; snapshot: LiveSnapshot; title: string }) {
  const tier = useMemo(() => createWebrtcTier(call), [call]);
  useEffect(() => () => tier.close(), [tier]);
  const screen = useRef<HTMLDivElement>(null);
  return (
    <div class="watch">
      <header class="watch-header">
        <span class="watch-live" data-testid="watch-live">
          {t('watch.live')}
        </span>
        <h1>{title}</h1>
        <span class="watch-count" data-testid="watch-count">
          <Icon name="people" size={18} />
          {t('watch.viewers', { count: snapshot.audience.viewers })}
        </span>
      </header>
      <main class="watch-main">
        <div ref={screen} class="watch-screen-box">
          <Player tier={tier} />
          <FlyingReactions live={live} />
          <IconButton
            class="watch-fullscreen"
            icon="fullscreen"
            label={t('watch.fullscreen')}
            onClick={() =>
              void (document.fullscreenElement ? document.exitFullscreen() : screen.current?.requestFullscreen())
            }
          />
        </div>
        <div class="watch-bar">
          <ReactionButtons live={live} />
          <HandButton live={live} snapshot={snapshot} />
        </div>
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
        <span>{raised ? t('watch.hand.down') : t('watch.hand')}</span>
      </button>
      <span role="status" class="sr-only">
        {raised ? t('watch.hand.raised') : ''}
      </span>
    </span>
  );
}
