import { call, startRooms } from '@amphi/rooms/testing';
import { describe, expect, test } from 'vitest';
import type { PushStatus, PushTarget } from './protocol.ts';
import { createPushFeature, type PushOutputs } from './server.ts';

const CONNECTING: PushStatus = { state: 'connecting', reason: null, detail: null, since: 1, retryAt: null };
const YOUTUBE = { name: 'YouTube', url: 'rtmps://youtube.example/live2', key: 'secret-key-of-the-host-1234' };

type Started = { url: string; sealed: string; stopped: boolean; tell(status: Partial<PushStatus>): void };

/** Outputs that push nowhere, and an event that goes live when the test says so. */
function fakeOutputs() {
  const started: Started[] = [];
  let changed: ((isLive: boolean) => void) | undefined;
  const outputs: PushOutputs = {
    check() {},
    seal: (roomId, key) => `sealed:${roomId}:${key.length}`,
    follow(_roomId, listener) {
      changed = listener;
      return () => (changed = undefined);
    },
    start(_roomId, target, onStatus) {
      const entry: Started = { ...target, stopped: false, tell: (status) => onStatus({ ...CONNECTING, ...status }) };
      started.push(entry);
      onStatus(CONNECTING);
      return () => void (entry.stopped = true);
    },
  };
  return { outputs, started, setLive: (isLive: boolean) => changed?.(isLive) };
}

async function setUp() {
  const fake = fakeOutputs();
  const rooms = startRooms({ features: [createPushFeature(fake.outputs)] });
  const join = async (name: string, role: 'host' | 'cohost' | 'speaker') => {
    const exceptions = { grant: [], deny: [] };
    const claims = { room: 'lab', identity: `user:${name}`, role, exceptions, kind: 'token', name };
    const connected = await rooms.connect('lab', undefined, {
      token: JSON.stringify({ ...claims, issuedAt: rooms.clock.now() }),
    });
    await call(connected.session, 'join', { name, rtpCapabilities: {}, direct: false });
    return connected;
  };
  const ada = await join('Ada', 'host');
  const cora = await join('Cora', 'cohost');
  const told = ({ link }: typeof ada): PushTarget[] | undefined =>
    link.sent
      .flatMap(({ name, data }) => (name === 'push.changed' ? [(data as { targets: PushTarget[] }).targets] : []))
      .at(-1);
  const add = async (target: object) => {
    const answer = (await call(ada.session, 'push.add', target)) as unknown as { data: { target: PushTarget } };
    return answer.data.target.id;
  };
  return { ...fake, ada, cora, told, add, join };
}

describe('pushing', () => {
  test('is the business of the host alone', async () => {
    const { ada, cora, add, told, setLive } = await setUp();
    const id = await add(YOUTUBE);
    setLive(true);
    for (const [method, input] of [
      ['push.list', {}],
      ['push.add', YOUTUBE],
      ['push.change', { id, name: 'x' }],
      ['push.start', { id }],
      ['push.stop', { id }],
      ['push.remove', { id }],
    ] as const) {
      expect(await call(cora.session, method, input)).toMatchObject({ error: { code: 'forbidden' } });
    }
    expect(told(ada)).toHaveLength(1);
    expect(told(cora)).toBeUndefined();
  });

  test('never tells a key, but for its end', async () => {
    const { ada, add, setLive } = await setUp();
    await add(YOUTUBE);
    await add({ ...YOUTUBE, key: 'shortkey' });
    setLive(true);
    const answer = await call(ada.session, 'push.list', {});
    expect(answer).toMatchObject({ data: { targets: [{ keyEnd: '1234' }, { keyEnd: '' }] } });
    const all = JSON.stringify([answer, ada.link.sent]);
    expect(all).not.toContain(YOUTUBE.key);
    expect(all).not.toContain('shortkey');
    expect(all).not.toContain('sealed:');
  });

  test('begins with the event where that is wanted, and ends with it', async () => {
    const { add, started, setLive, told, ada } = await setUp();
    await add(YOUTUBE);
    const other = await add({ ...YOUTUBE, name: 'By hand', auto: false });
    expect(await call(ada.session, 'push.start', { id: other })).toMatchObject({ error: { code: 'wrong-state' } });
    setLive(true);
    expect(started).toHaveLength(1);
    expect(await call(ada.session, 'push.start', { id: other })).toMatchObject({ ok: true });
    started[1]?.tell({ state: 'live' });
    expect(told(ada)?.map(({ status }) => status.state)).toEqual(['connecting', 'live']);
    await add({ ...YOUTUBE, name: 'While live' });
    expect(started).toHaveLength(3);
    setLive(false);
    expect(started.map(({ stopped }) => stopped)).toEqual([true, true, true]);
    expect(told(ada)?.map(({ status }) => status.state)).toEqual(['idle', 'idle', 'idle']);
  });

  test('begins anew with another key, which another address needs', async () => {
    const { ada, add, started, setLive, told } = await setUp();
    const id = await add(YOUTUBE);
    setLive(true);
    started[0]?.tell({ state: 'failed', reason: 'key' });
    expect(told(ada)?.[0]?.status).toMatchObject({ state: 'failed', reason: 'key' });

    await call(ada.session, 'push.change', { id, name: 'Tube' });
    expect(started).toHaveLength(1);
    const elsewhere = { id, url: 'rtmp://attacker.example/live' };
    expect(await call(ada.session, 'push.change', elsewhere)).toMatchObject({ error: { code: 'bad-request' } });
    await call(ada.session, 'push.change', { id, key: 'the-right-key-of-the-host' });
    expect(started).toMatchObject([{ stopped: true }, { stopped: false }]);
    // What the old one still says is of no interest.
    started[0]?.tell({ state: 'idle' });
    expect(told(ada)?.[0]?.status.state).toBe('connecting');
  });

  test('stops for good what is taken away, and has an end to what is added', async () => {
    const { ada, add, started, setLive, told } = await setUp();
    const id = await add(YOUTUBE);
    setLive(true);
    await call(ada.session, 'push.remove', { id });
    expect(started[0]?.stopped).toBe(true);
    expect(told(ada)).toEqual([]);
    for (let count = 0; count < 8; count++) await add(YOUTUBE).catch(() => undefined);
    expect(await call(ada.session, 'push.add', YOUTUBE)).toMatchObject({ error: {} });
  });
});
