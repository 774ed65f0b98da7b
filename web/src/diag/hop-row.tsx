import { d } from '../i18n/diag/index.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { Hop, HopId, HopState } from './hops.ts';

const ICONS: Record<Exclude<HopState, 'running'>, IconName> = {
  waiting: 'more',
  ok: 'check',
  warn: 'warning',
  failed: 'close',
  skipped: 'info',
};

/** One step of the check: what it is, how it went, what was found, and what to do. */
export function HopRow({ id, hop: { state, found, cure } }: { id: HopId; hop: Hop }) {
  return (
    <li class={`diag-hop diag-hop-${state}`} data-hop={id} data-state={state}>
      <span class="diag-mark" aria-hidden="true">
        {state === 'running' ? <span class="spinner" /> : <Icon name={ICONS[state]} size={18} />}
      </span>
      <div class="diag-hop-text">
        <h3>
          {d(`hop.${id}`)} <span class="diag-state">{d(`state.${state}`)}</span>
        </h3>
        {found !== undefined && <p class="muted">{found}</p>}
        {cure !== undefined && state !== 'ok' && (
          <p class="diag-cure">
            <strong>{d('cure')}:</strong> {cure}
          </p>
        )}
      </div>
    </li>
  );
}
