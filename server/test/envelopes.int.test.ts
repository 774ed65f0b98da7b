import { randomUUID } from 'node:crypto';
import { type Answer, REQUEST } from '@amphi/protocol';
import { describe, expect } from 'vitest';
import { testWithServer } from './support/fixtures.ts';
import type { WireClient } from './support/wire-client.ts';

const test = testWithServer();

const good = () => ({ id: randomUUID(), method: 'session.ping', data: {} });

/** That the session goes on as if nothing had been. */
async function expectUnharmed(wire: WireClient): Promise<void> {
  expect(await wire.send('session.ping', {})).toEqual({ ok: true, data: {} });
}

describe('a method that there is not', () => {
  const names = [
    '',
    'no.such.method',
    'JOIN',
    'join ',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    'valueOf',
    'chat',
    'session.ping.constructor',
  ];
  test.for(names)('called "%s" is answered unknown-method', async (method, { server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    for (const data of [{}, null, [], JSON.parse('{"__proto__":{}}')]) {
      expect(await visitor.send(method, data)).toMatchObject({ ok: false, error: { code: 'unknown-method' } });
    }
    await expectUnharmed(visitor);
  });
});

describe('an envelope', () => {
  const malformed: [what: string, envelope: unknown][] = [
    ['without an id', { method: 'session.ping', data: {} }],
    ['with an empty id', { ...good(), id: '' }],
    ['with a number for an id', { ...good(), id: 7 }],
    ['with a huge id', { ...good(), id: 'x'.repeat(65) }],
    ['with an object for an id', { ...good(), id: { toString: 'x' } }],
    ['without data', { id: 'x', method: 'session.ping' }],
    ['without a method', { id: 'x', data: {} }],
    ['with a method that is a list', { ...good(), method: ['session.ping'] }],
    ['with a huge method', { ...good(), method: 'x'.repeat(65) }],
    ['that is null', null],
    ['that is text', 'session.ping'],
    ['that is a number', 7],
    ['that is a list', [good()]],
    ['that is binary', Buffer.from(JSON.stringify(good()))],
    ['that only inherits its keys', JSON.parse('{"__proto__":{"id":"x","method":"session.ping"}}')],
  ];
  test.for(malformed)('%s is answered bad-request', async ([, envelope], { server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    expect(await visitor.raw('it', envelope)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    await expectUnharmed(visitor);
  });

  test('with keys of no meaning is served', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    const envelope = JSON.parse('{"id":"x","method":"session.ping","data":{},"__proto__":{"data":1},"sessionId":"y"}');
    expect(await visitor.raw('it', envelope)).toEqual({ ok: true, data: {} });
  });

  test('whose data is null stands for no input', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    expect(await visitor.send('session.ping', null)).toEqual({ ok: true, data: {} });
    expect(await visitor.send('join', null)).toMatchObject({ error: { code: 'bad-request', path: 'name' } });
  });

  test('with binary inside is refused by the schema', async ({ cast }) => {
    const [alice] = await cast.gather(['Alice']);
    const answer = await alice?.wire.send('chat.send', { text: Buffer.from('hello') });
    expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request', path: 'text' } });
    await expectUnharmed(alice?.wire ?? expect.fail());
  });

  test.for(['session.ping', 'join', 'consumer.update'])(
    'with data of any depth is answered by %s',
    async (method, { server, cast }) => {
      const visitor = await cast.visit(await server.createRoom());
      for (const depth of [60, 6000, 60_000]) {
        const data = `${'['.repeat(depth)}${']'.repeat(depth)}`;
        const answer = await sendRawRequest(visitor, `{"id":"deep-${depth}","method":"${method}","data":${data}}`);
        const code = answer.ok ? 'ok' : answer.error.code;
        expect(['too-large', 'bad-request', 'wrong-state'], `${depth} levels: ${JSON.stringify(answer)}`).toContain(
          code,
        );
      }
      await expectUnharmed(visitor);
    },
  );

  // Socket.IO hands the ack to the listener as its last argument, wherever that is.
  test('with other arguments beside it is answered bad-request', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    expect(await visitor.raw('it', good(), 'more')).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    await expectUnharmed(visitor);
  });

  test('that is missing is answered bad-request', async ({ server, cast }) => {
    const visitor = await cast.visit(await server.createRoom());
    expect(await visitor.raw('it')).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    await expectUnharmed(visitor);
  });

  test('without an ack is not performed, and does no harm', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    alice?.wire.socket.emit(REQUEST, { ...good(), method: 'chat.send', data: { text: 'anybody there?' } });
    alice?.wire.socket.emit(REQUEST);
    alice?.wire.socket.emit(REQUEST, null);
    alice?.wire.socket.emit('another-event', good());
    await expectUnharmed(alice?.wire ?? expect.fail());
    await bob?.caughtUp();
    expect(bob?.wire.inbox.rest()).toEqual([]);
  });
});

describe('what is no Socket.IO', () => {
  const raw = [
    ['text', 'garbage'],
    ['an event that is no list', '42{"not":"a list"}'],
    ['an event with a reserved name', '42["disconnect",{}]'],
    ['an event that is no JSON', '42["request",'],
    ['an ack that nobody waits for', '4399[{"ok":true}]'],
    ['an attachment without an event', Buffer.from([1, 2, 3])],
    ['an event whose attachments never come', '451-["request",{"_placeholder":true,"num":0}]'],
    ['an event with an attachment number that there is not', '450-["request",{"_placeholder":true,"num":9}]'],
    ['a connection to a namespace that there is not', '40/admin,{"protocol":1,"room":"lobby"}'],
    ['a second connection in the same one', '40{"protocol":1,"room":"lobby"}'],
  ] as const;
  test.for(raw)('%s costs the sender the connection at most', async ([, packet], { cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    sendRaw(alice.wire, packet);
    // Either it still stands, or the session can be gone on with.
    const answer: Answer | Error = await alice.wire.send('session.ping', {}).catch((error: Error) => error);
    if (answer instanceof Error) expect((await alice.wire.resume()).resumed).toBe(true);
    await expectUnharmed(alice.wire);
    await bob.caughtUp();
    expect(bob.wire.inbox.rest().filter(({ name }) => name !== 'member.updated')).toEqual([]);
  });

  test('a message of more than 128 KiB costs the sender the connection, not the session', async ({ cast }) => {
    const [alice, bob] = await cast.gather(['Alice', 'Bob']);
    if (!alice || !bob) throw new Error('not everybody came');
    alice.wire.fire('chat.send', { text: 'x'.repeat(130 * 1024) });
    await alice.wire.closed();
    expect(await bob.wire.take('member.updated')).toMatchObject({ patch: { presence: 'reconnecting' } });
    expect((await alice.wire.resume()).resumed).toBe(true);
    expect(await bob.wire.take('member.updated')).toMatchObject({ patch: { presence: 'here' } });
    expect(bob.wire.inbox.rest()).toEqual([]);
  });
});

/** Writes below Socket.IO, as a message of Engine.IO's WebSocket. */
function sendRaw({ socket }: WireClient, packet: string | Buffer): void {
  const { transport } = socket.io.engine;
  (transport as unknown as { ws: { send(data: string | Buffer): void } }).ws.send(packet);
}

/** Far above those that Socket.IO counts. */
let nextAck = 1_000_000;

/** Sends a request whose envelope is this text. */
function sendRawRequest(wire: WireClient, envelope: string): Promise<Answer> {
  const id = nextAck++;
  return new Promise((resolve) => {
    (wire.socket as unknown as { acks: Record<number, (answer: Answer) => void> }).acks[id] = resolve;
    sendRaw(wire, `42${id}["${REQUEST}",${envelope}]`);
  });
}
