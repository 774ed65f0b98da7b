import { useId, useState } from 'preact/hooks';
import type { FeatureContext } from '../../web/src/ui/feature-view.ts';
import type { Live, LiveSnapshot, LiveState, StageLayout } from './client.ts';

export type LiveText =
  | `live.state.${LiveState}`
  | 'live.intro'
  | 'live.title'
  | 'live.title.hint'
  | 'live.prepare'
  | 'live.start'
  | 'live.stop'
  | 'live.stop.sure'
  | 'live.cancel'
  | 'live.again'
  | 'live.replay'
  | 'live.replay.delete'
  | 'live.replay.delete.sure'
  | 'live.link'
  | 'live.copy'
  | 'live.copied'
  | 'live.viewers'
  | 'live.viewers.peak'
  | 'live.hands'
  | 'live.hands.none'
  | 'live.hand.raised'
  | 'live.hand.invited'
  | 'live.hand.on-stage'
  | 'live.invite'
  | 'live.off-stage'
  | 'live.take-back'
  | 'live.keys'
  | 'live.keys.about'
  | 'live.keys.rtmp'
  | 'live.key.rtmp'
  | 'live.keys.srt'
  | 'live.key.srt'
  | 'live.key.server'
  | 'live.key.secret'
  | 'live.key.once'
  | 'live.key.new'
  | 'live.key.name'
  | 'live.key.rotate'
  | 'live.key.revoke'
  | 'live.key.unused'
  | 'live.key.used'
  | 'live.leave-stage'
  | 'live.failed'
  | 'live.new-hand'
  | 'live.description'
  | 'live.description.hint'
  | 'live.details'
  | 'live.save'
  | 'live.cover'
  | 'live.cover.none'
  | 'live.cover.choose'
  | 'live.cover.remove'
  | 'live.cover.large'
  | 'live.private'
  | 'live.private.about'
  | 'live.private.lost'
  | 'live.private.new'
  | 'live.layout'
  | `live.layout.${StageLayout}`
  | 'live.preview'
  | 'live.preview.hide';

export type Context = FeatureContext<LiveText>;
export type Props = { context: Context; live: Live; state: LiveSnapshot };

/** A text to be handed on, with a button that copies it. */
export function Copyable({ context, label, value }: { context: Context; label: string; value: string }) {
  const id = useId();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      // Pages without HTTPS have no clipboard: the selection can be copied by hand.
      () => (document.querySelector(`#${CSS.escape(id)}`) as HTMLInputElement | null)?.select(),
    );
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="live-row">
        <input
          id={id}
          class="input live-copy"
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="button button-plain" aria-live="polite" onClick={() => void copy()}>
          <span>{context.text(copied ? 'live.copied' : 'live.copy')}</span>
        </button>
      </div>
    </div>
  );
}

type ActProps = {
  context: Context;
  run: () => Promise<unknown>;
  primary?: boolean;
  danger?: boolean;
  children: string;
};

/** A button that asks the server for something, and says what came of it when that was no success. */
export function Act({ context, run, primary = false, danger = false, children }: ActProps) {
  const [busy, setBusy] = useState(false);
  const variant = danger ? 'danger' : primary ? 'primary' : 'plain';
  return (
    <button
      type="button"
      class={`button button-${variant}`}
      aria-busy={busy || undefined}
      disabled={busy}
      onClick={() => {
        setBusy(true);
        void attempt(context, run()).finally(() => setBusy(false));
      }}
    >
      <span>{children}</span>
    </button>
  );
}

/** Waits for it, and says where it failed why. */
export async function attempt(context: Context, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    context.notify(context.text('live.failed', { reason: context.errorText(error) }));
  }
}
