import { randomUUID } from 'node:crypto';
import { method } from '@amphi/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDispatcher } from './dispatch.ts';
import { defineFeature } from './feature.ts';
import type { Session } from './session.ts';
import { call, FakeClock, FakeMember, quietLogger, startRooms, type TestRooms } from './testing/index.ts';

const empty = z.object({});
const about = 'For tests.';

const testMethods = {
  'test.echo': method({
    input: z.object({ text: z.string().max(10).default('nothing') }),
    output: z.object({ text: z.string() }),
    permission: 'join',
    stage: 'any',
    maxBytes: 100,
    about,
  }),
  'test.fail': method({ input: empty, output: empty, permission: 'join', stage: 'any', about }),
  'test.slow': method({
    input: empty,
    output: empty,
    permission: 'join',
    stage: 'any',
    rate: { burst: 2, perSecond: 1 },
    about,
  }),
  'test.chatter': method({ input: empty, output: empty, permission: 'chat', stage: 'any', about }),
  'test.depends': method({
    input: z.object({ loud: z.boolean() }),
    output: empty,
    permission: ({ loud }) => (loud ? 'chat' : 'join'),
    stage: 'any',
    about,
  }),
};

const feature = defineFeature({
  name: 'test',
  methods: testMethods,
  events: {},
  open: () => ({
    handlers: {
      'test.echo': (_member, { text }) => ({ text }),
      'test.fail': () => {
        throw new Error('the password is 1234');
      },
      'test.slow': () => ({}),
      'test.chatter': () => ({}),
      'test.depends': () => ({}),
    },
  }),
});

describe('dispatch', () => {
  let rooms: TestRooms;
  let session: Session;

  beforeEach(async () => {
    rooms = startRooms({ features: [feature] });
    ({ session } = await rooms.connect('lab'));
  });

  const refused = (code: string, rest = {}) => ({ ok: false, error: { code, ...rest } });

  test('passes validated input to the handler, and its output back', async () => {
    expect(await call(session, 'test.echo', { text: 'hi' })).toEqual({ ok: true, data: { text: 'hi' } });
    expect(await call(session, 'test.echo')).toEqual({ ok: true, data: { text: 'nothing' } });
    expect(await call(session, 'test.echo', undefined)).toEqual({ ok: true, data: { text: 'nothing' } });
  });

  test.each(['nothing.such', 'constructor', '__proto__', 'toString', ''])('knows no method "%s"', async (name) => {
    expect(await call(session, name)).toMatchObject(refused('unknown-method'));
  });

  test.each([
    null,
    'request',
    7,
    [],
    {},
    { id: '', method: 'test.echo' },
    { id: 'x', method: 7 },
    { id: 7, method: 'm' },
  ])('refuses the malformed request %j', async (raw) => {
    const answer = await new Promise((resolve) => session.request(raw, resolve));
    expect(answer).toMatchObject(refused('bad-request'));
  });

  test('refuses input that does not fit, and says where', async () => {
    expect(await call(session, 'test.echo', { text: 7 })).toMatchObject(refused('bad-request', { path: 'text' }));
    expect(await call(session, 'test.echo', 'text')).toMatchObject(refused('bad-request'));
  });

  test('refuses input that is too large, in bytes', async () => {
    expect(await call(session, 'test.echo', { text: 'x'.repeat(100) })).toMatchObject(refused('too-large'));
    expect(await call(session, 'test.echo', { text: 'ä'.repeat(50) })).toMatchObject(refused('too-large'));
  });

  test('refuses what comes too often, and says when to come again', async () => {
    expect(await call(session, 'test.slow')).toMatchObject({ ok: true });
    expect(await call(session, 'test.slow')).toMatchObject({ ok: true });
    expect(await call(session, 'test.slow')).toMatchObject(refused('rate-limited', { retryAfterMs: 1000 }));
    expect(await call(session, 'test.echo')).toMatchObject({ ok: true });
    rooms.clock.advance(1000);
    expect(await call(session, 'test.slow')).toMatchObject({ ok: true });
  });

  test('refuses what needs a permission that the role lacks', async () => {
    expect(await call(session, 'test.chatter')).toMatchObject(refused('forbidden'));
    expect(await call(session, 'test.depends', { loud: true })).toMatchObject(refused('forbidden'));
    expect(await call(session, 'test.depends', { loud: false })).toMatchObject({ ok: true });
    await call(session, 'join', { name: 'Ada', rtpCapabilities: {} });
    expect(await call(session, 'test.chatter')).toMatchObject({ ok: true });
  });

  test('refuses methods before and after their stage', async () => {
    expect(await call(session, 'session.sync')).toMatchObject(refused('wrong-state'));
    await call(session, 'join', { name: 'Ada', rtpCapabilities: {} });
    expect(await call(session, 'session.sync')).toMatchObject({ ok: true });
    expect(await call(session, 'join', { name: 'Ada', rtpCapabilities: {} })).toMatchObject(refused('wrong-state'));
  });

  test('tells nothing about what failed inside, and logs it', async () => {
    const answer = await call(session, 'test.fail');
    expect(answer).toMatchObject(refused('internal'));
    expect(JSON.stringify(answer)).not.toContain('1234');
    expect(rooms.logger.errors).toEqual(['a request failed']);
  });

  test('a method of join and one that needs it can be sent in one go', async () => {
    const join = call(session, 'join', { name: 'Ada', rtpCapabilities: {} });
    const sync = call(session, 'session.sync');
    expect([await join, await sync]).toMatchObject([{ ok: true }, { ok: true }]);
  });

  test('publishing needs the permission of its source and a kind that goes with it', async () => {
    await call(session, 'join', { name: 'Ada', rtpCapabilities: {} });
    const transportId = rooms.media('lab').transports.get(session.id)?.send.id;
    const codec = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
    const producer = { transportId, producerId: randomUUID(), source: 'camera', rtpParameters: { codecs: [codec] } };
    expect(await call(session, 'producer.create', { ...producer, kind: 'audio' })).toMatchObject(
      refused('bad-request', { path: 'kind' }),
    );
    expect(await call(session, 'producer.create', { ...producer, kind: 'video' })).toEqual({ ok: true, data: {} });
  });

  test('a method cannot be declared twice', () => {
    const options = { logger: quietLogger(), clock: new FakeClock() };
    expect(() => createDispatcher({ ...options, features: [feature, feature] })).toThrow(/declared twice/);
  });

  test('a feature sees the caller as a member', async () => {
    const seen: string[] = [];
    const curious = defineFeature({
      name: 'curious',
      methods: { 'curious.ask': testMethods['test.chatter'] },
      events: {},
      open: (room) => ({
        handlers: {
          'curious.ask': (member) => {
            seen.push(room.id, member.info().name, ...[...room.members()].map(({ id }) => id));
            return {};
          },
        },
      }),
    });
    const other = startRooms({ features: [curious] });
    const { session: asker } = await other.connect('lab');
    await call(asker, 'join', { name: 'Ada', rtpCapabilities: {} });
    const recorder = new FakeMember('recorder');
    asker.room.enter(recorder);
    await asker.room.join(recorder, {});
    await call(asker, 'curious.ask');
    expect(seen).toEqual(['lab', 'Ada', asker.id, 'recorder']);
  });
});
