import { createRoom } from '@amphi/client';
import { openProbe, opensWebSocket, type PathResult, type Probe } from '@amphi/client/diagnose';
import { signal } from '@preact/signals';
import { codeOf, errorText } from '../errors.ts';
import { d } from '../i18n/diag/index.ts';
import { checkDevices } from './devices.ts';
import { freshHops, HOP_IDS, type Hop, type HopId, type Hops } from './hops.ts';
import { type Loopback, measureLoopback } from './loopback.ts';
import { checkRelay, type RelayWay } from './relays.ts';
import { rate } from './units.ts';

const MUCH_LOSS = 0.05;
const LITTLE_BPS = 250_000;
const LONG_RTT_MS = 400;

type Place = { room: string; hostKey: string };

/** Runs the check and keeps what came of it. */
export function createCheck() {
  const hops = signal<Hops>(freshHops());
  const running = signal(false);
  const finishedAt = signal<Date | null>(null);
  const picture = signal<MediaStreamTrack | null>(null);

  const set = (id: HopId, hop: Hop) => {
    hops.value = { ...hops.value, [id]: hop };
  };
  const begin = (...ids: HopId[]) => {
    for (const id of ids) set(id, { state: 'running' });
  };
  const isOk = (...ids: HopId[]) => ids.some((id) => hops.value[id].state === 'ok');

  async function run(): Promise<void> {
    if (running.value) return;
    running.value = true;
    hops.value = freshHops();
    try {
      checkPage();
      const devices = device();
      const place = await server();
      const probe = place && (await socket(place));
      if (place && probe) {
        await media(probe);
        await relays(probe, place);
        probe.close();
        await devices;
        await loopback(place);
      }
      await devices;
    } finally {
      // What was not come to hangs on what failed before.
      for (const id of HOP_IDS) {
        if (['waiting', 'running'].includes(hops.value[id].state)) set(id, { state: 'skipped' });
      }
      running.value = false;
      finishedAt.value = new Date();
    }
  }

  function checkPage(): void {
    if (isSecureContext) set('secure', { state: 'ok', found: d('secure.ok') });
    else set('secure', { state: 'failed', found: d('secure.failed'), cure: d('secure.cure') });
  }

  async function device(): Promise<void> {
    begin('microphone', 'camera');
    const { microphone, camera } = await checkDevices();
    set('microphone', microphone);
    set('camera', camera);
  }

  /** A room of the check's own, which nobody else knows of. */
  async function server(): Promise<Place | null> {
    begin('server');
    const since = performance.now();
    try {
      const { id, hostKey } = await createRoom(undefined, { policy: { direct: false } });
      set('server', { state: 'ok', found: d('server.ok', { ms: Math.round(performance.now() - since) }) });
      return { room: id, hostKey };
    } catch (error) {
      set('server', {
        state: 'failed',
        found: d('server.failed', { reason: errorText(error) }),
        cure: d('server.cure'),
      });
      return null;
    }
  }

  async function socket(place: Place): Promise<Probe | null> {
    begin('socket');
    try {
      const [opens, probe] = await Promise.all([opensWebSocket(), openProbe(place)]);
      set(
        'socket',
        opens
          ? { state: 'ok', found: d('socket.ok', { ms: probe.signalingRttMs }) }
          : { state: 'warn', found: d('socket.warn'), cure: d('socket.cure') },
      );
      return probe;
    } catch (error) {
      const cure = codeOf(error) === null ? d('socket.cure') : d('server.cure');
      set('socket', { state: 'failed', found: d('socket.failed', { reason: errorText(error) }), cure });
      return null;
    }
  }

  async function media(probe: Probe): Promise<void> {
    begin('address', 'udp', 'tcp');
    const [udp, tcp] = await Promise.all([probe.direct('udp'), probe.direct('tcp')]);
    const addresses = [...new Set(probe.candidates.map(({ address }) => address))].join(', ');
    const reached = udp.ok || tcp.ok;
    set(
      'address',
      reached
        ? { state: 'ok', found: d('address.ok', { addresses }) }
        : { state: 'warn', found: d('address.wrong', { addresses }), cure: d('address.cure') },
    );
    // One open way is enough for a call.
    const closed = reached ? 'warn' : 'failed';
    set('udp', pathHop('udp', udp, probe, closed));
    set('tcp', pathHop('tcp', tcp, probe, closed));
  }

  async function relays(probe: Probe, place: Place): Promise<void> {
    begin('turn-udp', 'turn-tcp', 'turn-tls');
    await Promise.all(
      (['udp', 'tcp', 'tls'] as const).map(async (way: RelayWay) =>
        set(`turn-${way}`, await checkRelay(way, probe.iceServers)),
      ),
    );
    if (!isOk('turn-udp', 'turn-tcp', 'turn-tls')) {
      set('relay', { state: 'skipped', found: d('relay.skipped') });
      return;
    }
    begin('relay');
    const where = placesOf(probe);
    try {
      const second = await openProbe({ ...place, relayOnly: true });
      const result = await second.direct('udp');
      second.close();
      const closed = isOk('udp', 'tcp') ? 'warn' : 'failed';
      set(
        'relay',
        result.ok
          ? { state: 'ok', found: d('relay.ok', { ms: result.tookMs }) }
          : { state: closed, found: d('relay.failed', { where }), cure: d('relay.cure') },
      );
    } catch (error) {
      set('relay', { state: 'failed', found: errorText(error), cure: d('server.cure') });
    }
  }

  async function loopback(place: Place): Promise<void> {
    if (!isOk('udp', 'tcp', 'relay')) {
      set('loopback', { state: 'skipped', found: d('loopback.skipped') });
      return;
    }
    begin('loopback');
    try {
      const measured = await measureLoopback(place.room, place.hostKey, (track) => (picture.value = track));
      set('loopback', measured ? loopbackHop(measured) : loopbackFailed(d('loopback.no-picture')));
    } catch (error) {
      set('loopback', loopbackFailed(errorText(error)));
    }
  }

  return { hops, running, finishedAt, picture, run };
}

function placesOf(probe: Probe, protocol?: 'udp' | 'tcp'): string {
  const places = probe.candidates
    .filter((candidate) => protocol === undefined || candidate.protocol === protocol)
    .map(({ address, port }) => `${address}:${port}`);
  return [...new Set(places)].join(', ');
}

function pathHop(protocol: 'udp' | 'tcp', result: PathResult, probe: Probe, closed: 'warn' | 'failed'): Hop {
  if (result.ok) {
    const { tookMs: ms, rttMs } = result;
    return { state: 'ok', found: d(`${protocol}.ok`, { ms, rtt: rttMs ?? '?' }) };
  }
  const where = placesOf(probe, protocol);
  return { state: closed, found: d(`${protocol}.failed`, { where }), cure: d(`${protocol}.cure`, { where }) };
}

function loopbackHop({ sentBps, receivedBps, loss, rttMs, estimateBps }: Loopback): Hop {
  const numbers = {
    sent: rate(sentBps),
    received: rate(receivedBps),
    loss: Math.round(loss * 1000) / 10,
    rtt: rttMs === null ? '?' : Math.round(rttMs),
  };
  if (loss > MUCH_LOSS) return { state: 'warn', found: d('loopback.lossy', numbers), cure: d('loopback.cure.lossy') };
  if (receivedBps < LITTLE_BPS)
    return { state: 'warn', found: d('loopback.slow', numbers), cure: d('loopback.cure.slow') };
  if (rttMs !== null && rttMs > LONG_RTT_MS)
    return { state: 'warn', found: d('loopback.late', numbers), cure: d('loopback.cure.late') };
  const estimate = estimateBps === null ? '' : d('loopback.estimate', { estimate: rate(estimateBps) });
  return { state: 'ok', found: `${d('loopback.ok', numbers)}${estimate}` };
}

function loopbackFailed(reason: string): Hop {
  return { state: 'failed', found: d('loopback.failed', { reason }), cure: d('loopback.cure.failed') };
}
