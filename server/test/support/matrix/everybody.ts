import { randomUUID } from 'node:crypto';
import { PERSON_ROLES, type PersonRole } from '@amphi/protocol';
import type { Cast, Person } from '../cast.ts';
import { joinInput } from '../cast.ts';
import type { MethodName } from '../entries/entry.ts';
import { type KeptRecording, keepRecording } from '../kept-recording.ts';
import { dtls, screen } from '../rtp.ts';
import type { TestServer } from '../server.ts';
import type { WireClient } from '../wire-client.ts';
import type { Column } from './table.ts';

/** A room with a lobby and somebody of every kind, and the host of another room. */
export type Everybody = {
  /** Who calls, by column. */
  callers: Record<Column, WireClient>;
  members: Record<PersonRole, Person>;
  /** The cameras of those who may send. */
  cameras: Partial<Record<Column, string>>;
  /** A speaker who calls nothing: the one on whom others act. */
  target: Person;
  targetCamera: string;
  /** Waits in the lobby, and calls nothing. */
  another: WireClient;
  /** For `moderate.unban` only. */
  bans: string[];
  /** Of the audience; for `live.invite` and `live.offStage` only. */
  watcher: Person | undefined;
  /** For `live.rotateKey` and `live.revokeKey` only. */
  streamKeys: string[];
  /** For what is done to targets of a push only. */
  pushId: string;
  /** For what is done to recordings only. */
  recordings: KeptRecording[];
};

const MAY_SEND = ['speaker', 'cohost', 'host'] as const;
const NEED_WATCHER: ReadonlySet<MethodName> = new Set(['live.invite', 'live.offStage']);
const NEED_KEYS: ReadonlySet<MethodName> = new Set(['live.rotateKey', 'live.revokeKey']);
const NEED_PUSH: ReadonlySet<MethodName> = new Set(['push.change', 'push.remove', 'push.start', 'push.stop']);
const NEED_KEPT: ReadonlySet<MethodName> = new Set(['recording.link', 'recording.film', 'recording.remove']);
const NEED_RECORDING: ReadonlySet<MethodName> = new Set(['recording.stop', 'recording.consent']);

export async function gatherEverybody(server: TestServer, cast: Cast, method: MethodName): Promise<Everybody> {
  const [room, elsewhere] = await Promise.all([server.createRoom(), server.createRoom()]);
  const other = await cast.host(elsewhere, { name: 'other' });
  const host = await cast.host(room, { name: 'host' });
  const members = { host } as Record<PersonRole, Person>;
  for (const role of PERSON_ROLES.filter((name) => name !== 'host')) {
    members[role] = await cast.join(room, { name: role });
    await host.wire.call('member.setRole', { memberId: members[role].id, role });
  }
  const target = await cast.join(room, { name: 'target' });
  const cameras = Object.fromEntries(
    await Promise.all(MAY_SEND.map(async (role) => [role, await members[role].publishCamera()] as const)),
  );
  const removed = await cast.join(room, { name: 'removed' });
  await host.wire.call('moderate.remove', { memberId: removed.id });
  await removed.wire.closed();
  const bans = method === 'moderate.unban' ? await banTwo(cast, room, host) : [];

  const watcher = NEED_WATCHER.has(method) ? await watch(cast, room, host) : undefined;
  const streamKeys = NEED_KEYS.has(method) ? await makeTwoKeys(host) : [];
  const pushId = NEED_PUSH.has(method) ? await addTarget(host) : 'none';
  const recordings = NEED_KEPT.has(method)
    ? [await keepRecording(server, room), await keepRecording(server, room)]
    : [];
  if (NEED_RECORDING.has(method)) await host.wire.call('recording.start', {});

  const visitor = await cast.visit(room);
  await host.wire.call('room.setPolicy', { lobby: true });
  // Who comes from now on stands before the lobby.
  const visit = () => cast.visit(room);
  const [stranger, waiting, another] = await Promise.all([visit(), visit(), visit()]);
  for (const wire of [waiting, another, visitor]) await wire.call('lobby.knock', { name: 'knocking' });
  await host.wire.call('lobby.admit', { ids: [visitor.id] });
  await visitor.take('lobby.decided');
  const resume = { token: removed.wire.welcome.resumeToken, seq: removed.wire.seq };
  const back = await cast.visit(room, { token: removed.snapshot.self.pass, resume });
  const inRoom = Object.fromEntries(PERSON_ROLES.map((role) => [role, members[role].wire])) as Record<
    PersonRole,
    WireClient
  >;
  return {
    callers: { stranger, waiting, visitor, removed: back, ...inRoom, 'other room': other.wire },
    members,
    cameras,
    target,
    targetCamera: await target.publishCamera(),
    another,
    bans,
    watcher,
    streamKeys,
    pushId,
    recordings,
  };
}

async function banTwo(cast: Cast, room: string, host: Person): Promise<string[]> {
  for (const name of ['one', 'two']) {
    const person = await cast.join(room, { name, guest: randomUUID() });
    await host.wire.call('moderate.remove', { memberId: person.id, ban: true });
  }
  return (await host.wire.call('moderate.bans', {})).bans.map(({ id }) => id);
}

async function watch(cast: Cast, room: string, host: Person): Promise<Person> {
  await host.wire.call('live.start', {});
  return cast.join(room, { name: 'watcher', audience: true });
}

async function makeTwoKeys(host: Person): Promise<string[]> {
  const [one, two] = [
    await host.wire.call('live.createKey', { name: 'one' }),
    await host.wire.call('live.createKey', { name: 'two' }),
  ];
  return [one.id, two.id];
}

/** The other end is not to be reached, and nothing is tried before the event is live. */
async function addTarget({ wire }: Person): Promise<string> {
  return (await wire.call('push.add', { name: 'one', url: 'rtmp://127.0.0.1/live', key: 'a-key-of-the-host' })).target
    .id;
}

/** Has a room be recorded, or not, as the call of the next one needs it; the one before may have changed that. */
export async function makeReady(method: MethodName, { members: { host } }: Everybody): Promise<void> {
  if (method !== 'recording.start' && method !== 'recording.stop') return;
  const { active } = await host.wire.call('recording.state', {});
  if (method === 'recording.start' && active) await host.wire.call('recording.stop', {});
  if (method === 'recording.stop' && !active) await host.wire.call('recording.start', {});
}

/** What somebody sends: performed for those who may. */
export function inputFor(method: MethodName, everybody: Everybody, column: Column): unknown {
  const { callers, members, target, another, bans, watcher, streamKeys, pushId, recordings } = everybody;
  const caller = callers[column];
  // The host, who comes last, acts on somebody who has had a turn: the target may be gone by then.
  const memberId = column === 'host' ? members.viewer.id : target.id;
  const own = column in members ? members[column as PersonRole] : target;
  const keyId = streamKeys[column === 'host' ? 0 : 1] ?? 'none';
  const recording = recordings[column === 'host' ? 0 : 1];
  const producerId = everybody.cameras[column] ?? everybody.targetCamera;
  const inputs: Record<MethodName, unknown> = {
    'session.ping': {},
    leave: {},
    join: joinInput(caller, { name: column }),
    'lobby.knock': { name: column },
    'media.prepare': {},
    'media.measure': {},
    'media.measured': { downlinkBps: 300_000 },
    'media.receive': { on: true },
    'relay.renew': {},
    'transport.connect': { transportId: own.transports.recv.id, dtlsParameters: dtls() },
    'transport.restartIce': { transportId: own.transports.recv.id },
    'session.sync': {},
    'self.update': { quality: { level: 'good' } },
    'producer.create': screen(own.transports.send.id),
    'producer.update': { producerId, muted: true },
    'producer.close': { producerId },
    'consumer.ready': { consumerIds: ['x'] },
    'consumer.blank': { consumerIds: ['x'] },
    'consumer.soundBroken': { receivedBps: 250_000, lost: 0.2 },
    'consumer.update': { consumers: [{ id: 'x', paused: true }] },
    'direct.signal': { epoch: 1, signal: { type: 'offer', sdp: 'v=0', tracks: {} } },
    'direct.report': { epoch: 1, state: 'failed' },
    'chat.send': { text: `I am ${column}` },
    'chat.history': {},
    'lobby.admit': { ids: [another.id] },
    'lobby.deny': { id: another.id },
    'lobby.write': { id: another.id, text: 'soon' },
    'moderate.mute': { memberId, sources: ['camera'] },
    'moderate.ask': { memberId, source: 'camera' },
    'moderate.remove': { memberId },
    'moderate.bans': {},
    'moderate.unban': { id: bans[column === 'host' ? 0 : 1] ?? 'none' },
    'room.setPolicy': { muteOnEntry: true },
    'member.setRole': { memberId, role: 'attendee' },
    'member.setExceptions': { memberId, exceptions: { grant: [], deny: ['chat'] } },
    'room.audit': {},
    'room.end': {},
    'ingest.read': {},
    'live.get': {},
    'live.prepare': { title: 'Launch' },
    'live.start': {},
    'live.stop': {},
    'live.update': { title: `by ${column}` },
    'live.putCover': {},
    'live.setLayout': { layout: 'grid' },
    'live.deleteReplay': {},
    'live.react': { reaction: '👏' },
    'live.raiseHand': { raised: true },
    'live.invite': { memberId: watcher?.id },
    'live.answer': { accept: true },
    'live.leaveStage': {},
    'live.offStage': { memberId: watcher?.id },
    'live.keys': {},
    'live.createKey': { name: column },
    'live.rotateKey': { id: keyId },
    'live.revokeKey': { id: keyId },
    'push.list': {},
    'push.add': { name: column, url: 'rtmp://127.0.0.1/live', key: 'a-key-of-the-host' },
    'push.change': { id: pushId, name: column },
    'push.remove': { id: pushId },
    'push.start': { id: pushId },
    'push.stop': { id: pushId },
    'recording.start': {},
    'recording.stop': {},
    'recording.consent': { accept: true },
    'recording.state': {},
    'recording.list': {},
    'recording.link': recording,
    'recording.film': { id: recording?.id, layout: 'audio', height: 720 },
    'recording.remove': { id: recording?.id },
  };
  return inputs[method];
}
