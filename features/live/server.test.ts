import { call, HOST_KEY, startRooms, until } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { chat } from '../chat/server.ts';
import type { LiveMethods } from './protocol.ts';
import type { LiveOutputs, StageLayout } from './outputs.ts';
import { type Cover, createLiveFeature, type LiveCovers } from './server.ts';

type Rooms = ReturnType<typeof startRooms>;
type Connected = Awaited<ReturnType<Rooms['connect']>>;

async function join(rooms: Rooms, name: string, credentials: { hostKey?: string; audience?: boolean } = {}) {
  const connected = await rooms.connect('lab', undefined, credentials);
  const answer = await call(connected.session, 'join', { name, rtpCapabilities: {}, direct: false });
  if (!answer.ok) throw new Error(answer.error.message);
  return connected;
}

/** Outputs of which the test says what they offer, and which write down what they are told. */
class FakeOutputs implements LiveOutputs {
  readonly calls: unknown[][] = [];
  offer: ReturnType<LiveOutputs['hls']> = null;
  changed: () => void = () => undefined;
  open(roomId: string, { layout, changed }: Parameters<LiveOutputs['open']>[1]): void {
    this.calls.push(['open', roomId, layout]);
    this.changed = changed;
  }
  setLayout(roomId: string, layout: StageLayout): void {
    this.calls.push(['setLayout', roomId, layout]);
  }
  close(roomId: string): void {
    this.calls.push(['close', roomId]);
  }
  async deleteReplays(roomId: string): Promise<void> {
    this.calls.push(['deleteReplays', roomId]);
    this.offer = null;
  }
  hls(): ReturnType<LiveOutputs['hls']> {
    return this.offer;
  }
}

/** Covers whose pictures the test takes. */
class FakeCovers implements LiveCovers {
  take: (cover: Cover) => void = () => undefined;
  expect(_roomId: string, take: (cover: Cover) => void): string {
    this.take = take;
    return '/covers/new/ticket';
  }
  path(roomId: string, version: string): string {
    return `/covers/${roomId}/${version}`;
  }
}

const STREAM = { path: '/live/lab/index.m3u8', kind: 'live' } as const;
const REPLAY = { path: '/live/lab/replay/index.m3u8', kind: 'replay' } as const;

async function start(outputs: LiveOutputs = new FakeOutputs(), covers: LiveCovers = new FakeCovers()) {
  const rooms = startRooms({ features: [createLiveFeature(outputs, covers), chat] });
  const hostKey = HOST_KEY;
  const host = await join(rooms, 'Hanna', { hostKey });
  return { rooms, host, hostKey };
}

const ask = async (who: Connected, method: keyof LiveMethods | 'chat.send' | 'chat.history', data: object = {}) => {
  const answer = await call(who.session, method, data);
  return answer.ok ? (answer.data as Record<string, unknown>) : { code: answer.error.code };
};
const told = (who: Connected, name: string) =>
  who.link.sent.filter((event) => event.name === name).map(({ data }) => data as never);
const last = (who: Connected, name: string) => told(who, name).at(-1);

const NO_WORDS = { title: '', description: '', cover: null, layout: 'speaker', startedAt: null, endedAt: null };

async function liveWith(...names: string[]) {
  const { rooms, host, hostKey } = await start();
  await ask(host, 'live.prepare', { title: 'Launch' });
  const viewers: Connected[] = [];
  for (const name of names) viewers.push(await join(rooms, name, { audience: true }));
  await ask(host, 'live.start');
  return { rooms, host, hostKey, viewers };
}

test('nobody comes by the watch link before there is an event', async () => {
  const { rooms, host } = await start();
  await expect(rooms.connect('lab', undefined, { audience: true })).rejects.toMatchObject({ code: 'room-not-found' });
  await ask(host, 'live.prepare', { title: '  Launch ' });
  expect(last(host, 'live.changed')).toMatchObject({ event: { state: 'backstage', title: 'Launch', startedAt: null } });
  const vera = await join(rooms, 'Vera', { audience: true });
  expect(await ask(vera, 'live.get')).toMatchObject({ event: { state: 'backstage', title: 'Launch' } });
});

test('from the preparation on guests of the call have to be let in', async () => {
  const { rooms, host } = await start();
  await ask(host, 'live.prepare');
  const { session } = await rooms.connect('lab');
  expect(session.admission).toBe('lobby');
});

test('backstage the audience sees nobody, hears nothing and reads nothing', async () => {
  const { rooms, host } = await start();
  await ask(host, 'live.prepare');
  const vera = await join(rooms, 'Vera', { audience: true });
  expect(vera.session.snapshot().members.map(({ name }) => name)).toEqual(['Vera']);
  expect(vera.session.snapshot().self.permissions).not.toContain('subscribe');
  await ask(host, 'chat.send', { text: 'is the tie straight?' });
  expect(told(vera, 'chat.message')).toEqual([]);
  expect(await ask(vera, 'chat.history')).toEqual({ code: 'forbidden' });
  await ask(host, 'live.start');
  await until(() => told(vera, 'session.snapshot').length > 0);
  expect(last(vera, 'session.snapshot')).toMatchObject({
    snapshot: { members: [{ name: 'Hanna' }, { name: 'Vera' }] },
  });
  expect(await ask(vera, 'chat.history')).toEqual({ messages: [] });
});

test('the steps lead one way, and are written down', async () => {
  const { host, rooms } = await start();
  expect(await ask(host, 'live.stop')).toEqual({ event: { ...NO_WORDS, state: 'off' } });
  await ask(host, 'live.prepare', { title: 'A' });
  const startedAt = rooms.clock.now();
  expect(await ask(host, 'live.start')).toMatchObject({ event: { state: 'live', startedAt } });
  expect(await ask(host, 'live.prepare')).toEqual({ code: 'wrong-state' });
  rooms.clock.advance(5000);
  expect(await ask(host, 'live.stop')).toMatchObject({
    event: { state: 'ended', startedAt, endedAt: startedAt + 5000 },
  });
  expect(await ask(host, 'live.start')).toEqual({ code: 'wrong-state' });
  expect(await ask(host, 'live.prepare')).toMatchObject({ event: { state: 'backstage', startedAt: null } });
  expect(rooms.store.get('lab')?.policy.audience).toBe('backstage');
  const actions = rooms.store.audit.list('lab', { limit: 20 }).map(({ details }) => details?.audience);
  expect(actions.filter(Boolean)).toEqual(['backstage', 'ended', 'live', 'backstage']);
});

test('an event outlives the room', async () => {
  const { rooms, host, hostKey } = await start();
  await ask(host, 'live.prepare', { title: 'Launch' });
  await call(host.session, 'leave');
  const again = await join(rooms, 'Hanna', { hostKey });
  expect(await ask(again, 'live.get')).toMatchObject({ event: { state: 'backstage', title: 'Launch' } });
});

test('the audience is a count, told once a second, and in nobody’s list', async () => {
  const { rooms, host, viewers } = await liveWith('Vera', 'Walt');
  expect(host.session.snapshot().members.map(({ name }) => name)).toEqual(['Hanna']);
  expect(told(host, 'member.joined')).toEqual([]);
  rooms.clock.advance(1000);
  expect(last(host, 'live.audience')).toEqual({ audience: { viewers: 2, peak: 2 } });
  const before = told(host, 'live.audience').length;
  for (const viewer of viewers) await call(viewer.session, 'leave');
  rooms.clock.advance(1000);
  expect(told(host, 'live.audience').slice(before)).toEqual([{ audience: { viewers: 0, peak: 2 } }]);
});

test('the call keeps its seats whoever watches, and the audience has its own', async () => {
  const { rooms, hostKey } = await liveWith('V1', 'V2', 'V3', 'V4', 'V5');
  // The room has a capacity of four.
  const cohost = await join(rooms, 'Carl', { hostKey });
  expect(cohost.session.stage).toBe('joined');
});

test('reactions are counted together', async () => {
  const { rooms, host, viewers } = await liveWith('Vera', 'Walt');
  for (const viewer of viewers) {
    await ask(viewer, 'live.react', { reaction: '👏' });
    await ask(viewer, 'live.react', { reaction: '❤️' });
  }
  await ask(viewers[0] as Connected, 'live.react', { reaction: '👏' });
  expect(told(host, 'live.reactions')).toEqual([]);
  rooms.clock.advance(300);
  expect(told(host, 'live.reactions')).toEqual([{ counts: { '👏': 3, '❤️': 2 } }]);
  rooms.clock.advance(3000);
  expect(told(host, 'live.reactions')).toHaveLength(1);
});

test('a viewer raises a hand, is asked, comes on stage on the same session, and goes back', async () => {
  const { host, viewers } = await liveWith('Vera', 'Walt');
  const [vera, walt] = viewers as [Connected, Connected];
  const memberId = vera.session.id;
  await ask(vera, 'live.raiseHand', { raised: true });
  expect(last(host, 'live.hands')).toMatchObject({ hands: [{ memberId, name: 'Vera', state: 'raised' }] });
  expect(told(walt, 'live.hands')).toEqual([]);
  await ask(host, 'live.invite', { memberId });
  expect(last(vera, 'live.invited')).toEqual({ by: 'Hanna' });

  expect(await ask(vera, 'live.answer', { accept: true })).toEqual({});
  expect(vera.session.role).toBe('speaker');
  expect(vera.session.may('publish.video')).toBe(true);
  expect(last(host, 'member.joined')).toMatchObject({ member: { id: memberId, role: 'speaker' } });
  expect(last(walt, 'member.joined')).toMatchObject({ member: { id: memberId } });
  expect(last(host, 'live.hands')).toMatchObject({ hands: [{ state: 'on-stage' }] });

  await ask(host, 'live.offStage', { memberId });
  expect(vera.session.role).toBe('viewer');
  expect(last(walt, 'member.left')).toMatchObject({ memberId });
  expect(last(host, 'live.hands')).toEqual({ hands: [] });
});

test('nobody comes on stage unasked, and an invitation can be taken back or refused', async () => {
  const { host, viewers } = await liveWith('Vera');
  const [vera] = viewers as [Connected];
  const memberId = vera.session.id;
  expect(await ask(vera, 'live.answer', { accept: true })).toEqual({ code: 'wrong-state' });
  await ask(vera, 'live.raiseHand', { raised: true });
  expect(await ask(vera, 'live.answer', { accept: true })).toEqual({ code: 'wrong-state' });
  await ask(host, 'live.invite', { memberId });
  await ask(host, 'live.offStage', { memberId });
  expect(last(vera, 'live.invited')).toEqual({ by: null });
  expect(await ask(vera, 'live.answer', { accept: true })).toEqual({ code: 'wrong-state' });
  await ask(host, 'live.invite', { memberId });
  await ask(vera, 'live.answer', { accept: false });
  expect(vera.session.role).toBe('viewer');
  expect(last(host, 'live.hands')).toEqual({ hands: [] });
  expect(await ask(host, 'live.invite', { memberId: host.session.id })).toEqual({ code: 'not-found' });
});

test('who leaves the stage, the room, or the event, is off it', async () => {
  const { host, viewers } = await liveWith('Vera', 'Walt');
  for (const viewer of viewers) {
    await ask(host, 'live.invite', { memberId: viewer.session.id });
    await ask(viewer, 'live.answer', { accept: true });
  }
  const [vera, walt] = viewers as [Connected, Connected];
  await ask(vera, 'live.leaveStage');
  expect(vera.session.role).toBe('viewer');
  await ask(host, 'live.stop');
  expect(walt.session.role).toBe('viewer');
  expect(walt.session.may('subscribe')).toBe(false);
  expect(last(host, 'live.hands')).toEqual({ hands: [] });
});

test('a stop that is refused takes nobody off the stage', async () => {
  const { host, viewers } = await liveWith('Vera');
  const [vera] = viewers as [Connected];
  await ask(host, 'live.stop');
  await ask(host, 'live.invite', { memberId: vera.session.id });
  await ask(vera, 'live.answer', { accept: true });
  expect(await ask(host, 'live.stop')).toEqual({ code: 'wrong-state' });
  expect(vera.session.role).toBe('speaker');
  expect(last(host, 'live.hands')).toMatchObject({ hands: [{ state: 'on-stage' }] });
});

test('what somebody does is written down with that person’s role', async () => {
  const { host, viewers, rooms } = await liveWith('Vera');
  const [vera] = viewers as [Connected];
  await ask(host, 'live.invite', { memberId: vera.session.id });
  await ask(vera, 'live.answer', { accept: true });
  await ask(vera, 'live.leaveStage');
  const [left, came] = rooms.store.audit.list('lab', { limit: 2 });
  expect([came?.actorRole, left?.actorRole]).toEqual(['viewer', 'speaker']);
});

test('viewers may do none of what is the hosts’', async () => {
  const { viewers } = await liveWith('Vera');
  const [vera] = viewers as [Connected];
  for (const [method, data] of [
    ['live.prepare', {}],
    ['live.start', {}],
    ['live.stop', {}],
    ['live.update', { title: 'mine' }],
    ['live.invite', { memberId: 'x' }],
    ['live.offStage', { memberId: 'x' }],
    ['live.keys', {}],
    ['live.createKey', { name: 'x' }],
    ['live.rotateKey', { id: 'x' }],
    ['live.revokeKey', { id: 'x' }],
  ] as const) {
    expect(await ask(vera, method, data), method).toEqual({ code: 'forbidden' });
  }
});

test('stream keys are made, shown once, replaced and revoked', async () => {
  const { host, rooms } = await start();
  const made = (await ask(host, 'live.createKey', { name: 'OBS' })) as { id: string; key: string };
  expect(rooms.store.streamKeys.find(made.key)).toMatchObject({ id: made.id, roomId: 'lab', name: 'OBS' });
  expect(JSON.stringify(await ask(host, 'live.keys'))).not.toContain(made.key);
  const { key } = (await ask(host, 'live.rotateKey', { id: made.id })) as { key: string };
  expect(key).not.toBe(made.key);
  expect(await ask(host, 'live.keys')).toMatchObject({ keys: [{ id: made.id, name: 'OBS' }] });
  await ask(host, 'live.revokeKey', { id: made.id });
  expect(await ask(host, 'live.keys')).toEqual({
    ...{ keys: [], rtmp: { port: null, tlsPort: null }, srt: { port: null } },
  });
  expect(await ask(host, 'live.revokeKey', { id: made.id })).toEqual({ code: 'not-found' });
});

test('the outputs follow the event, and the stream is told to those only who may watch', async () => {
  const outputs = new FakeOutputs();
  const { rooms, host } = await start(outputs);
  await ask(host, 'live.prepare', { title: 'Launch' });
  outputs.offer = STREAM;
  const vera = await join(rooms, 'Vera', { audience: true });
  expect(await ask(vera, 'live.get')).toMatchObject({ hls: null });
  expect(await ask(host, 'live.setLayout', { layout: 'grid' })).toMatchObject({ event: { layout: 'grid' } });
  expect(outputs.calls).toEqual([]);
  await ask(host, 'live.start');
  expect(outputs.calls).toEqual([['open', 'lab', 'grid']]);
  outputs.changed();
  expect(last(vera, 'live.changed')).toMatchObject({ event: { state: 'live', layout: 'grid' }, hls: STREAM });
  await ask(host, 'live.setLayout', { layout: 'solo' });
  await ask(host, 'live.setLayout', { layout: 'solo' });
  expect(outputs.calls.slice(1)).toEqual([['setLayout', 'lab', 'solo']]);
  expect(last(vera, 'live.changed')).toMatchObject({ event: { layout: 'solo' } });
  expect(await ask(vera, 'live.setLayout', { layout: 'grid' })).toEqual({ code: 'forbidden' });

  outputs.offer = null;
  await ask(host, 'live.stop');
  expect(outputs.calls.slice(2)).toEqual([['close', 'lab']]);
  expect(last(vera, 'live.changed')).toMatchObject({ event: { state: 'ended' }, hls: null });
  outputs.offer = REPLAY;
  outputs.changed();
  expect(last(vera, 'live.changed')).toMatchObject({ hls: REPLAY });
  await ask(host, 'live.prepare');
  expect(last(vera, 'live.changed')).toMatchObject({ event: { state: 'backstage' }, hls: null });
});

test('an event that is live is opened again with the room', async () => {
  const outputs = new FakeOutputs();
  const { rooms, host, hostKey } = await start(outputs);
  await ask(host, 'live.start');
  await call(host.session, 'leave');
  expect(outputs.calls).toEqual([
    ['open', 'lab', 'speaker'],
    ['close', 'lab'],
  ]);
  await join(rooms, 'Hanna', { hostKey });
  expect(outputs.calls.slice(2)).toEqual([['open', 'lab', 'speaker']]);
});

test('the audience reads title and description, and sees the cover that was sent', async () => {
  const covers = new FakeCovers();
  const { rooms, host } = await start(new FakeOutputs(), covers);
  await ask(host, 'live.prepare', { title: 'Launch', description: ' All of it. ' });
  const vera = await join(rooms, 'Vera', { audience: true });
  expect(await ask(vera, 'live.get')).toMatchObject({ event: { description: 'All of it.', cover: null } });
  expect(await ask(vera, 'live.putCover')).toEqual({ code: 'forbidden' });
  expect(await ask(host, 'live.putCover')).toEqual({ path: '/covers/new/ticket' });
  covers.take({ version: 'v1', type: 'image/png', data: 'AAAA' });
  expect(last(vera, 'live.changed')).toMatchObject({ event: { title: 'Launch', cover: '/covers/lab/v1' } });
  expect(rooms.store.features.get('lab', 'live', 'cover')).toMatchObject({ version: 'v1' });
  expect(await ask(host, 'live.update', { description: 'Less.' })).toMatchObject({
    event: { title: 'Launch', description: 'Less.', cover: '/covers/lab/v1' },
  });
  await ask(host, 'live.update', { cover: null });
  expect(last(vera, 'live.changed')).toMatchObject({ event: { cover: null } });
  expect(rooms.store.features.get('lab', 'live', 'cover')).toBeUndefined();
});

test('a replay that the host deletes is there for nobody any more', async () => {
  const outputs = new FakeOutputs();
  const { rooms, host } = await start(outputs);
  await ask(host, 'live.start');
  const vera = await join(rooms, 'Vera', { audience: true });
  outputs.offer = REPLAY;
  await ask(host, 'live.stop');
  expect(last(vera, 'live.changed')).toMatchObject({ hls: REPLAY });
  expect(await ask(vera, 'live.deleteReplay')).toEqual({ code: 'forbidden' });
  expect(await ask(host, 'live.deleteReplay')).toEqual({});
  expect(outputs.calls.at(-1)).toEqual(['deleteReplays', 'lab']);
  expect(last(vera, 'live.changed')).toMatchObject({ event: { state: 'ended' }, hls: null });
});
