import { signal, type ReadonlySignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import type { FeatureInstance } from '../../web/src/ui/feature-view.ts';
import { IngestButton } from './ingest/button.tsx';
import { createLive, type LiveSnapshot } from './client.ts';
import { Details } from './details.tsx';
import { Keys } from './keys.tsx';
import { Act, attempt, type Context, type Props } from './parts.tsx';
import { StageChoice } from './stage-choice.tsx';
import { WatchLink } from './watch-link.tsx';

export type { LiveText } from './parts.tsx';

/** Going live, from the call: the host's controls; for the others, where the event stands. */
export function createLiveView(context: Context): FeatureInstance {
  const live = createLive(context.call);
  const state = signal(live.state);
  const unread = signal(0);
  let open = false;
  let known = new Set<string>();
  const off = live.onChange((next) => {
    const raised = next.hands.filter((hand) => hand.state === 'raised');
    const news = raised.filter(({ memberId }) => !known.has(memberId));
    known = new Set(raised.map(({ memberId }) => memberId));
    if (!open && news.length > 0) {
      unread.value += news.length;
      context.notify(context.text('live.new-hand', { name: news[0]?.name ?? '' }));
    }
    state.value = next;
  });
  return {
    unread,
    Panel: () => <LivePanel context={context} live={live} source={state} />,
    setOpen(next) {
      open = next;
      if (open) unread.value = 0;
    },
    close() {
      off();
      live.close();
    },
  };
}

function LivePanel({ context, live, source }: Omit<Props, 'state'> & { source: ReadonlySignal<LiveSnapshot> }) {
  const state = source.value;
  const props = { context, live, state };
  return (
    <div class="live-panel">
      <Standing {...props} />
      {state.self === 'on-stage' && (
        <Act context={context} run={() => live.leaveStage()}>
          {context.text('live.leave-stage')}
        </Act>
      )}
      {context.call.may('live') && (
        <>
          <Controls {...props} />
          {state.event !== null && state.event.state !== 'off' && (
            <>
              <WatchLink context={context} />
              <StageChoice {...props} event={state.event} />
              <Details {...props} event={state.event} />
            </>
          )}
          {state.event?.state === 'ended' && state.hls?.kind === 'replay' && <Replay {...props} />}
          {state.event?.state === 'live' && <Hands {...props} />}
          <Keys context={context} live={live} />
          <SentOn context={context} />
          <IngestButton context={context} />
        </>
      )}
    </div>
  );
}

function Standing({ context, state }: Props) {
  const { event, audience } = state;
  if (event === null) return null;
  return (
    <div class={`live-standing live-is-${event.state}`}>
      <strong class="live-badge">{context.text(`live.state.${event.state}`)}</strong>
      {event.state !== 'off' && (
        <span data-testid="live-viewers">
          {context.text('live.viewers', { count: audience.viewers })}
          {audience.peak > audience.viewers && ` · ${context.text('live.viewers.peak', { count: audience.peak })}`}
        </span>
      )}
    </div>
  );
}

function Controls({ context, live, state }: Props) {
  const { event } = state;
  const [title, setTitle] = useState(event?.title ?? '');
  const [sure, setSure] = useState(false);
  const id = useId();
  useEffect(() => setTitle(event?.title ?? ''), [event?.title]);
  if (event === null) return null;
  const isOff = event.state === 'off' || event.state === 'ended';
  return (
    <form
      class="live-controls"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        if (!isOff) attempt(context, live.update({ title }));
      }}
    >
      {event.state === 'off' && <p class="live-note">{context.text('live.intro')}</p>}
      <div class="field">
        <label for={id}>{context.text('live.title')}</label>
        <input
          id={id}
          class="input"
          value={title}
          maxLength={120}
          placeholder={context.text('live.title.hint')}
          onInput={(typed) => setTitle(typed.currentTarget.value)}
          onBlur={() => !isOff && title.trim() !== event.title && attempt(context, live.update({ title }))}
        />
      </div>
      {isOff && (
        <Act primary context={context} run={() => live.prepare({ title })}>
          {context.text(event.state === 'ended' ? 'live.again' : 'live.prepare')}
        </Act>
      )}
      {event.state === 'backstage' && (
        <div class="live-row">
          <Act primary context={context} run={() => live.start()}>
            {context.text('live.start')}
          </Act>
          <Act context={context} run={() => live.stop()}>
            {context.text('live.cancel')}
          </Act>
        </div>
      )}
      {event.state === 'live' && !sure && (
        <button type="button" class="button button-plain" onClick={() => setSure(true)}>
          <span>{context.text('live.stop')}</span>
        </button>
      )}
      {event.state === 'live' && sure && (
        <div class="live-row" role="alertdialog" aria-label={context.text('live.stop.sure')}>
          <Act danger context={context} run={() => live.stop().finally(() => setSure(false))}>
            {context.text('live.stop.sure')}
          </Act>
          <button type="button" class="button button-plain" onClick={() => setSure(false)}>
            <span>{context.text('live.cancel')}</span>
          </button>
        </div>
      )}
    </form>
  );
}

/** What was kept of the event, for who comes later; and the way to be rid of it. */
function Replay({ context, live }: Props) {
  const [sure, setSure] = useState(false);
  return (
    <section class="live-section">
      <p class="live-note">{context.text('live.replay')}</p>
      {sure ? (
        <div class="live-row" role="alertdialog" aria-label={context.text('live.replay.delete.sure')}>
          <Act danger context={context} run={() => live.deleteReplay()}>
            {context.text('live.replay.delete.sure')}
          </Act>
          <button type="button" class="button button-plain" onClick={() => setSure(false)}>
            <span>{context.text('live.cancel')}</span>
          </button>
        </div>
      ) : (
        <button type="button" class="button button-plain" onClick={() => setSure(true)}>
          <span>{context.text('live.replay.delete')}</span>
        </button>
      )}
    </section>
  );
}

function Hands({ context, live, state }: Props) {
  return (
    <section class="live-section">
      <h3>{context.text('live.hands')}</h3>
      {state.hands.length === 0 && <p class="live-note">{context.text('live.hands.none')}</p>}
      <ul class="live-list">
        {state.hands.map((hand) => (
          <li key={hand.memberId} class="live-item">
            <span class="live-item-text">
              <strong>{hand.name}</strong>
              <small>{context.text(`live.hand.${hand.state}`)}</small>
            </span>
            {hand.state === 'raised' ? (
              <Act primary context={context} run={() => live.invite(hand.memberId)}>
                {context.text('live.invite')}
              </Act>
            ) : (
              <Act context={context} run={() => live.offStage(hand.memberId)}>
                {context.text(hand.state === 'invited' ? 'live.take-back' : 'live.off-stage')}
              </Act>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where the event is sent on to: fetched when a host opens the panel. */
function SentOn({ context }: { context: Context }) {
  const [Targets, setTargets] = useState<ComponentType<{ context: Context }> | null>(null);
  useEffect(() => {
    import('../push/view.tsx').then(
      ({ PushTargets }) => setTargets(() => PushTargets),
      (error: unknown) => context.notify(context.errorText(error)),
    );
  }, [context]);
  return Targets === null ? null : <Targets context={context} />;
}
