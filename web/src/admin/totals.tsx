import type { AdminStatus } from '@amphi/protocol';
import type { ComponentChildren } from 'preact';
import { ta } from '../i18n/admin.ts';
import { locale } from '../i18n/index.ts';
import { bitrate, percent } from './numbers.ts';
import { Sparkline } from './sparkline.tsx';
import { history } from './state.ts';

/** The figures of the whole server, large. */
export function Totals({ totals }: { totals: AdminStatus['totals'] }) {
  const { transports } = totals;
  const number = new Intl.NumberFormat(locale());
  return (
    <dl class="totals">
      <Total name={ta('total.rooms')} value={number.format(totals.rooms)} />
      <Total name={ta('total.people')} value={number.format(totals.members)}>
        {ta('total.sessions', { count: totals.sessions })}
      </Total>
      <Total name={ta('total.received')} value={bitrate(totals.received)}>
        <Sparkline
          values={history.value.map(({ received }) => received)}
          label={ta('total.history', { what: ta('total.received') })}
        />
      </Total>
      <Total name={ta('total.sent')} value={bitrate(totals.sent)}>
        <Sparkline
          values={history.value.map(({ sent }) => sent)}
          label={ta('total.history', { what: ta('total.sent') })}
        />
      </Total>
      <Total name={ta('total.loss')} value={percent(totals.lossReceived, 1)}>
        {ta('total.loss-sent', { loss: percent(totals.lossSent, 1) })}
        <br />
        {ta('total.transports', { udp: transports.udp, tcp: transports.tcp })}
      </Total>
    </dl>
  );
}

function Total({ name, value, children }: { name: string; value: string; children?: ComponentChildren }) {
  return (
    <div class="total">
      <dt>{name}</dt>
      <dd class="total-value">{value}</dd>
      {children !== undefined && <dd class="total-note">{children}</dd>}
    </div>
  );
}
