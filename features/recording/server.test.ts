import { call, startRooms } from '@amphi/rooms/testing';
import { describe, expect, test } from 'vitest';
import type { Consent } from './protocol.ts';
import { createRecordingFeature, type RoomLibrary, type RoomRecorder, type RunningRecording } from './server.ts';

type Started = Parameters<RoomRecorder['start']>[0] & {
  answers: [memberId: string, given: boolean, keep: boolean][];
};

/** A recorder that writes nothing; `started` is what it was asked for. */
function fakeRecorder() {
  const started: Started[] = [];
  const failing = { now: false };
  const recorder: RoomRecorder = {
    async start(options) {
      const entry: Started = { ...options, answers: [] };
      started.push(entry);
      const id = `recording-${started.length}`;
      const recording: RunningRecording = {
        manifest: { id, startedAt: 5 },
        consent: (memberId, given, keep) => void entry.answers.push([memberId, given, keep]),
        stop: async (state = 'complete', reason) => options.onEnd({ id, state, reason }),
      };
      options.onBegin(recording);
      if (failing.now) throw new Error('no media');
      return recording;
    },
  };
  return { started, failing, recorder };
}

/** A library that says what it was asked for. */
const asked: string[] = [];
const library: RoomLibrary = {
  list: async (roomId) => {
    asked.push(`list ${roomId}`);
    return [];
  },
  link: async (roomId, id, file) => {
    asked.push(`link ${roomId} ${id} ${file}`);
    return { path: '/recordings/x', expiresAt: 1 };
  },
  film: async (roomId, id, { layout, height }) => void asked.push(`film ${roomId} ${id} ${layout} ${height}`),
  remove: async (roomId, id) => void asked.push(`remove ${roomId} ${id}`),
};

async function setUp(recording: 'tell' | 'ask' | 'never' = 'tell') {
  const { started, failing, recorder } = fakeRecorder();
  const rooms = startRooms({ features: [createRecordingFeature(recorder, library)] });
  const record = rooms.store.get('lab');
  if (record) rooms.store.setPolicy('lab', { ...record.policy, recording }, null);
  const log = () =>
    rooms.store.audit
      .list('lab', { limit: 50 })
      .map(({ actorName, action, details }) => ({ actorName, action, details }));
  const join = async (name: string, role?: 'host') => {
    const identity = `user:${name}`;
    const exceptions = { grant: [], deny: [] };
    const claims = { room: 'lab', identity, role: role ?? 'speaker', exceptions, kind: 'token', name };
    const token = await JSON.stringify({ ...claims, issuedAt: rooms.clock.now() });
    const connected = await rooms.connect('lab', undefined, { token });
    await call(connected.session, 'join', { name, rtpCapabilities: {}, direct: false });
    return connected;
  };
  const ada = await join('Ada', 'host');
  const bob = await join('Bob');
  /** The consent that somebody was told last. */
  const told = ({ link }: typeof ada): Consent | null | undefined =>
    link.sent
      .flatMap(({ name, data }) =>
        name === 'recording.changed' ? [(data as { consent: Consent | null }).consent] : [],
      )
      .at(-1);
  return { started, failing, ada, bob, join, told, log, rooms };
}

describe('recording', () => {
  test('is started by who may, and everybody is told', async () => {
    const { ada, bob, started, told } = await setUp();
    expect(await call(bob.session, 'recording.start')).toMatchObject({ error: { code: 'forbidden' } });
    expect(started).toEqual([]);
    const answer = await call(ada.session, 'recording.start');
    const active = { id: 'recording-1', startedAt: 5, by: 'Ada', policy: 'tell', running: false, film: 'after' };
    expect(answer).toMatchObject({ ok: true, data: { active, consent: 'given' } });
    expect([told(ada), told(bob)]).toEqual(['given', 'given']);
    expect(started[0]?.consentOf(bob.session.id)).toBe('given');
    expect(await call(ada.session, 'recording.start')).toMatchObject({ error: { code: 'wrong-state' } });
    expect(await call(bob.session, 'recording.stop')).toMatchObject({ error: { code: 'forbidden' } });
    expect(await call(ada.session, 'recording.stop')).toMatchObject({ ok: true, data: { active: null } });
    expect(bob.link.sent.at(-1)).toMatchObject({
      name: 'recording.changed',
      data: { active: null, consent: null, last: { id: 'recording-1', state: 'complete' } },
    });
  });

  test('records nobody who has not agreed, where people are asked', async () => {
    const { ada, bob, join, started, told } = await setUp('ask');
    await call(ada.session, 'recording.start');
    expect([told(ada), told(bob)]).toEqual(['given', 'asked']);
    expect(started[0]?.consentOf(ada.session.id)).toBe('given');
    expect(started[0]?.consentOf(bob.session.id)).toBe('asked');
    const answer = await call(bob.session, 'recording.consent', { accept: true });
    expect(answer).toMatchObject({ ok: true, data: { consent: 'given' } });
    expect(started[0]?.answers).toEqual([[bob.session.id, true, false]]);
    const eve = await join('Eve');
    expect(await call(eve.session, 'recording.state')).toMatchObject({ data: { consent: 'asked' } });
  });

  test('leaves out who refuses, also when that person comes back', async () => {
    const { ada, bob, join, started } = await setUp();
    await call(ada.session, 'recording.start');
    await call(bob.session, 'recording.consent', { accept: false });
    await call(bob.session, 'leave');
    const again = await join('Bob');
    expect(started[0]?.consentOf(again.session.id)).toBe('refused');
    expect(await call(again.session, 'recording.state')).toMatchObject({ data: { consent: 'refused' } });
  });

  test('tells everybody before anything is read, and again when all of it arrives', async () => {
    const { ada, bob, started } = await setUp();
    const states = () => bob.link.sent.flatMap(({ name, data }) => (name === 'recording.changed' ? [data] : []));
    await call(ada.session, 'recording.start');
    expect(states()).toMatchObject([{ active: { running: false } }]);
    started[0]?.onArrived();
    expect(states()).toMatchObject([{ active: { running: false } }, { active: { running: true } }]);
  });

  test('has the film made meanwhile where that is asked for, and says why it is not', async () => {
    const { ada, bob, started } = await setUp();
    const choice = { layout: 'screen', height: 1080 };
    const answer = await call(ada.session, 'recording.start', { film: 'live', ...choice });
    expect(started.at(-1)).toMatchObject({ film: 'live', choice });
    expect(answer).toMatchObject({ ok: true, data: { active: { film: 'live' } } });
    expect(started[0]?.film).toBe('live');
    started[0]?.onNotLive('no-cores');
    expect(bob.link.sent.at(-1)).toMatchObject({ name: 'recording.changed', data: { active: { film: 'no-cores' } } });
    await call(ada.session, 'recording.stop');
    expect(await call(ada.session, 'recording.start', { film: 'soon' })).toMatchObject({
      error: { code: 'bad-request' },
    });
    expect(await call(ada.session, 'recording.start')).toMatchObject({ data: { active: { film: 'after' } } });
  });

  test('takes back what it told when a recording could not begin', async () => {
    const { ada, bob, failing } = await setUp();
    failing.now = true;
    expect(await call(ada.session, 'recording.start')).toMatchObject({ ok: false });
    expect(bob.link.sent.at(-1)?.data).toMatchObject({ active: null, last: null });
    failing.now = false;
    expect(await call(ada.session, 'recording.start')).toMatchObject({ ok: true });
  });

  test('leaves what was recorded of somebody who refuses later and says so', async () => {
    const { ada, bob, started } = await setUp('ask');
    await call(ada.session, 'recording.start');
    await call(bob.session, 'recording.consent', { accept: true });
    const answer = await call(bob.session, 'recording.consent', { accept: false, keep: true });
    expect(answer).toMatchObject({ data: { consent: 'refused' } });
    expect(started[0]?.answers.at(-1)).toEqual([bob.session.id, false, true]);
  });

  test('ends when the policy comes to forbid it, and says why', async () => {
    const { ada, bob, rooms, log } = await setUp();
    await call(ada.session, 'recording.start');
    await call(ada.session, 'room.setPolicy', { recording: 'ask' });
    expect(await call(bob.session, 'recording.state')).toMatchObject({ data: { active: { policy: 'tell' } } });
    await call(ada.session, 'room.setPolicy', { recording: 'never' });
    await expect
      .poll(() => call(bob.session, 'recording.state'))
      .toMatchObject({ data: { active: null, last: { id: 'recording-1', state: 'complete', reason: 'not-allowed' } } });
    expect(rooms.directory.lookup('lab').policy.recording).toBe('never');
    expect(log()[0]).toEqual({
      actorName: 'Amphi',
      action: 'recording.end',
      details: { id: 'recording-1', reason: 'not-allowed' },
    });
    expect(await call(ada.session, 'recording.start')).toMatchObject({ error: { code: 'forbidden' } });
  });

  test('stands in the log of the room: start, refusal, stop and deletion', async () => {
    const { ada, bob, log } = await setUp('ask');
    const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
    await call(ada.session, 'recording.start');
    await call(bob.session, 'recording.consent', { accept: true });
    await call(bob.session, 'recording.consent', { accept: false });
    await call(ada.session, 'recording.stop');
    await call(ada.session, 'recording.remove', { id });
    expect(log()).toEqual([
      { actorName: 'Ada', action: 'recording.remove', details: { id } },
      { actorName: 'Ada', action: 'recording.stop', details: { id: 'recording-1' } },
      { actorName: 'Bob', action: 'recording.refuse', details: { id: 'recording-1', before: 'given', keep: false } },
      { actorName: 'Ada', action: 'recording.start', details: { id: 'recording-1', policy: 'ask' } },
    ]);
  });

  test('asks anew for the next recording', async () => {
    const { ada, bob, started } = await setUp('ask');
    await call(ada.session, 'recording.start');
    await call(bob.session, 'recording.consent', { accept: true });
    await call(ada.session, 'recording.stop');
    await call(ada.session, 'recording.start');
    expect(started[1]?.consentOf(bob.session.id)).toBe('asked');
  });

  test('does not begin where the room is never recorded', async () => {
    const { ada, started } = await setUp('never');
    expect(await call(ada.session, 'recording.start')).toMatchObject({ error: { code: 'forbidden' } });
    expect(started).toEqual([]);
  });

  test('lets those who may record have what was recorded, of their own room', async () => {
    const { ada, bob } = await setUp();
    asked.length = 0;
    const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
    const requests = [
      ['recording.list', {}],
      ['recording.link', { id, file: '1-camera-1.webm' }],
      ['recording.film', { id, layout: 'speaker', height: 1080 }],
      ['recording.remove', { id }],
    ] as const;
    for (const [method, input] of requests) {
      expect(await call(bob.session, method, input)).toMatchObject({ error: { code: 'forbidden' } });
    }
    expect(asked).toEqual([]);
    for (const [method, input] of requests) expect(await call(ada.session, method, input)).toMatchObject({ ok: true });
    expect(asked).toEqual([
      'list lab',
      `link lab ${id} 1-camera-1.webm`,
      `film lab ${id} speaker 1080`,
      `remove lab ${id}`,
    ]);
  });

  test('tells everybody when the server ended it', async () => {
    const { ada, bob, started } = await setUp();
    await call(ada.session, 'recording.start');
    started[0]?.onEnd({ id: 'recording-1', state: 'interrupted', reason: 'disk-full' });
    expect(bob.link.sent.at(-1)?.data).toMatchObject({
      active: null,
      last: { state: 'interrupted', reason: 'disk-full' },
    });
    expect(await call(bob.session, 'recording.consent', { accept: true })).toMatchObject({
      error: { code: 'wrong-state' },
    });
  });
});
