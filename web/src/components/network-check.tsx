import type { NetworkCheck } from '@amphi/client';
import { t } from '../i18n/index.ts';
import { Icon } from '../ui/icon.tsx';

/** What the check of the network found, in words. */
export function networkText(check: NetworkCheck): string {
  if (check.state !== 'ok') return t(`network.${check.state}`);
  if (check.protocol === 'tcp') return t('network.tcp');
  return check.rttMs === null ? t('network.udp') : t('network.udp-rtt', { ms: Math.max(1, Math.round(check.rttMs)) });
}

/** Whether media will get through, said before the call. */
export function NetworkStatus({ check, unreachable }: { check: NetworkCheck; unreachable: string | null }) {
  const protocol = check.state === 'ok' ? check.protocol : undefined;
  const state = unreachable === null ? check.state : 'blocked';
  return (
    <div
      class={`network network-${state} ${protocol === 'tcp' ? 'network-tcp' : ''}`}
      role="status"
      data-testid="network-check"
      data-state={check.state}
      data-protocol={protocol}
    >
      {state === 'checking' || state === 'unknown' ? (
        <span class="spinner" aria-hidden="true" />
      ) : (
        <Icon name={state === 'ok' && protocol === 'udp' ? 'check' : 'warning'} />
      )}
      <span>
        {unreachable ?? networkText(check)} {state === 'blocked' && <a href="/diag">{t('network.diag')}</a>}
      </span>
    </div>
  );
}
