import type { AdminStatus, AdminWorker } from '@amphi/protocol';
import { ta } from '../i18n/admin.ts';
import { bytes, decimal, milliseconds, percent } from './numbers.ts';

/** From this share of a core on a worker has little left for more. */
const BUSY = 0.8;

/** The media workers, each with how much of a core it uses. */
export function Workers({ workers, lost }: { workers: readonly AdminWorker[]; lost: number }) {
  return (
    <section class="admin-card" aria-labelledby="admin-workers">
      <header>
        <h2 id="admin-workers">{ta('workers.title')}</h2>
        {lost > 0 && <p class="admin-warning">{ta('workers.lost', { count: lost })}</p>}
      </header>
      <ul class="workers">
        {workers.map((worker) => (
          <Worker key={worker.index} worker={worker} />
        ))}
      </ul>
    </section>
  );
}

function Worker({ worker }: { worker: AdminWorker }) {
  const name = ta('workers.name', { number: worker.index + 1 });
  return (
    <li class="worker">
      <h3>{name}</h3>
      <div class="worker-cpu">
        <meter min={0} max={1} high={BUSY} value={worker.cpuShare} aria-label={`${name}: ${ta('workers.cpu')}`} />
        <span>{percent(worker.cpuShare)}</span>
      </div>
      <dl class="facts">
        <Fact name={ta('workers.memory')} value={bytes(worker.rssBytes)} />
        <Fact name={ta('workers.transports')} value={decimal(worker.transports)} />
        <Fact name={ta('workers.consumers')} value={decimal(worker.consumers)} />
        <Fact name={ta('workers.port')} value={String(worker.port)} />
      </dl>
    </li>
  );
}

/** The TURN relay: whether it runs, and why not. */
export function RelayCard({ relay }: { relay: AdminStatus['relay'] }) {
  return (
    <section class="admin-card" aria-labelledby="admin-relay">
      <header>
        <h2 id="admin-relay">{ta('relay.title')}</h2>
        <p class={`relay-state relay-${relay.state}`}>{ta(`relay.${relay.state}`)}</p>
      </header>
      {relay.reason !== undefined && (
        // As the server says it in its log.
        <p class="muted" lang="en">
          {relay.reason}
        </p>
      )}
      <ul class="relay-urls">
        {relay.urls.map((url) => (
          <li key={url}>
            <code>{url}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The machine and what runs on it. */
export function MachineCard({ status: { load, versions } }: { status: AdminStatus }) {
  const used = bytes(load.memoryBytes - load.memoryFreeBytes);
  const all = bytes(load.memoryBytes);
  const { amphi, node, mediasoup, coturn } = versions;
  const named = [`Amphi ${amphi}`, `Node ${node}`, `mediasoup ${mediasoup}`, ...(coturn ? [`coturn ${coturn}`] : [])];
  return (
    <section class="admin-card" aria-labelledby="admin-machine">
      <header>
        <h2 id="admin-machine">{ta('machine.title')}</h2>
      </header>
      <dl class="facts">
        <Fact
          name={ta('machine.load')}
          value={ta('machine.load.value', { load: decimal(load.average), cores: load.cores })}
        />
        <Fact name={ta('machine.memory')} value={ta('machine.memory.value', { used, all })} />
        <Fact name={ta('machine.process')} value={bytes(load.rssBytes)} />
        <Fact name={ta('machine.lag')} value={milliseconds(load.eventLoopLagMs)} />
        <Fact name={ta('machine.versions')} value={named.join(', ')} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
