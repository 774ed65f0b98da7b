import { useEffect, useMemo, useState } from 'preact/hooks';
import { Button } from '../../web/src/ui/button.tsx';
import type { FeatureContext } from '../../web/src/ui/feature-view.ts';
import { createPush, type Push, type PushTarget } from './client.ts';
import { type TargetDraft, TargetForm } from './form.tsx';
import { pushText } from './texts.ts';
import './view.css';

type Context = Pick<FeatureContext, 'call' | 'locale' | 'errorText' | 'notify'>;
type Props = { context: Context };

/** More of them a room may not have (`MAX_TARGETS` of the protocol). */
const MOST = 8;

/** Where the event is sent on to, in the host's panel; nothing for anybody else. */
export function PushTargets({ context }: Props) {
  const { call } = context;
  const push = useMemo(() => createPush(call), [call]);
  const [targets, setTargets] = useState(push.targets);
  const [isNew, setNew] = useState(false);
  const isHost = call.self?.role === 'host';
  useEffect(() => {
    const off = push.onChange(setTargets);
    if (isHost) attempt(context, push.load());
    return () => {
      off();
      push.close();
    };
  }, [push, context, isHost]);
  if (!isHost || targets === undefined) return null;

  const text = textOf(context);
  const add = async (draft: TargetDraft) => {
    if (await attempt(context, push.add(draft))) setNew(false);
  };
  return (
    <details class="live-section">
      <summary>{text('title')}</summary>
      <p class="live-note">{text(targets.length === 0 ? 'about' : targets.length >= MOST ? 'full' : 'about')}</p>
      {targets.length === 0 && !isNew && <p class="live-note">{text('none')}</p>}
      <ul class="live-list">
        {targets.map((target) => (
          <Target key={target.id} {...{ context, push, target }} />
        ))}
      </ul>
      {isNew && <TargetForm locale={context.locale()} target={undefined} onSave={add} onCancel={() => setNew(false)} />}
      {!isNew && targets.length < MOST && <Button onClick={() => setNew(true)}>{text('add')}</Button>}
    </details>
  );
}

function Target({ context, push, target }: Props & { push: Push; target: PushTarget }) {
  const [mode, setMode] = useState<'shown' | 'edited' | 'doubted'>('shown');
  const text = textOf(context);
  const { id, name, url, keyEnd, status } = target;
  const runs = status.state !== 'idle' && status.state !== 'failed';

  if (mode === 'edited') {
    const save = async ({ key, ...draft }: TargetDraft) => {
      const change = { id, ...draft, ...(key === '' ? {} : { key }) };
      if (await attempt(context, push.change(change))) setMode('shown');
    };
    return (
      <li class="push-target">
        <TargetForm locale={context.locale()} target={target} onSave={save} onCancel={() => setMode('shown')} />
      </li>
    );
  }
  return (
    <li class="push-target" data-state={status.state}>
      <div class="push-head">
        <strong>{name}</strong>
        <span class={`push-state push-is-${status.state}`} role="status">
          {text(`state.${status.state}`)}
        </span>
      </div>
      <small class="push-address">
        {url} {keyEnd !== '' && <span>{text('key.ends', { end: keyEnd })}</span>}
      </small>
      {status.reason !== null && (
        <p class="push-reason" role={status.state === 'failed' ? 'alert' : undefined}>
          {text(`reason.${status.reason}`)}
          {status.detail !== null && <span>{text('detail', { detail: status.detail })}</span>}
        </p>
      )}
      {mode === 'doubted' ? (
        <div class="live-row" role="alertdialog" aria-label={text('remove.sure')}>
          <Button variant="danger" onClick={() => void attempt(context, push.remove(id))}>
            {text('remove.sure')}
          </Button>
          <Button onClick={() => setMode('shown')}>{text('cancel')}</Button>
        </div>
      ) : (
        <div class="live-row">
          <Button
            variant={runs ? 'plain' : 'primary'}
            aria-label={`${text(runs ? 'stop' : 'start')}: ${name}`}
            onClick={() => void attempt(context, runs ? push.stop(id) : push.start(id))}
          >
            {text(runs ? 'stop' : 'start')}
          </Button>
          <Button aria-label={`${text('edit')}: ${name}`} onClick={() => setMode('edited')}>
            {text('edit')}
          </Button>
          <Button aria-label={`${text('remove')}: ${name}`} variant="quiet" onClick={() => setMode('doubted')}>
            {text('remove')}
          </Button>
        </div>
      )}
    </li>
  );
}

type Rest = Parameters<typeof pushText> extends [string, ...infer Args] ? Args : never;

function textOf(context: Context): (...args: Rest) => string {
  return (...args) => pushText(context.locale(), ...args);
}

async function attempt(context: Context, work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    context.notify(context.errorText(error));
    return false;
  }
}
