import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FakeClock } from '@amphi/rooms/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Program } from '../program/program.ts';
import { type AmfValue, decodeAmf, encodeAmf } from '../rtmp/amf0.ts';
import { ChunkReader, RTMP, writeChunks } from '../rtmp/chunks.ts';
import { HandshakeReader, hello, PACKET } from '../rtmp/handshake.ts';
import { PushProblem } from './problem.ts';
import { type PushStatus, PushTarget } from './target.ts';

/** What the other side does at each step. */
type Answers = {
  connect?: Record<string, string>;
  publish?: Record<string, string>;
  hangUpAt?: 'connect' | 'publish' | 'live';
  garbage?: boolean;
};

const START = { level: 'status', code: 'NetStream.Publish.Start', description: 'go' };
const program: Program = { attach: () => () => {}, close: async () => {} };

/** An RTMP server that answers as it is told. */
function serve(socket: Socket, answers: Answers, seen: unknown[][]): void {
  const handshake = new HandshakeReader();
  const chunks = new ChunkReader(100_000);
  let steps = 0;
  const say = (...values: AmfValue[]) =>
    socket.write(writeChunks(3, { type: RTMP.command, streamId: 0, timestamp: 0, payload: encodeAmf(...values) }));
  const command = ([name, id, , ...rest]: unknown[]) => {
    seen.push([name, ...rest]);
    if (name === 'connect') {
      if (answers.hangUpAt === 'connect') socket.destroy();
      else if (answers.connect) say('_error', Number(id), null, { ...answers.connect });
      else say('_result', Number(id), null, { code: 'NetConnection.Connect.Success' });
    } else if (name === 'createStream') say('_result', Number(id), null, 1);
    else if (name === 'publish') {
      if (answers.hangUpAt === 'publish') socket.destroy();
      else say('onStatus', 0, null, { ...START, ...answers.publish });
      if (answers.hangUpAt === 'live') socket.end();
    }
  };
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (answers.garbage) return void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    let rest: Buffer | undefined = data;
    if (steps === 0) {
      if (!handshake.take(1 + PACKET, data)) return;
      steps = 1;
      socket.write(Buffer.concat([hello(), Buffer.alloc(PACKET)]));
      rest = undefined;
    }
    // C2 comes before the first message.
    if (steps === 1) {
      if (!handshake.take(PACKET, rest)) return;
      steps = 2;
      rest = handshake.rest();
    }
    for (const { type, payload } of rest ? chunks.push(rest) : []) {
      if (type === RTMP.command) command(decodeAmf(payload));
    }
  });
}

describe('a push', () => {
  let server: Server;
  let answers: Answers;
  let seen: unknown[][];
  let sockets: Socket[];
  let clock: FakeClock;
  let target: PushTarget | undefined;

  beforeEach(async () => {
    answers = {};
    seen = [];
    sockets = [];
    clock = new FakeClock();
    server = createServer((socket) => {
      sockets.push(socket);
      serve(socket, answers, seen);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    target?.stop();
    server.close();
  });

  function start(key = 'the-secret-key') {
    const told: PushStatus[] = [];
    target = new PushTarget({
      async dial() {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
        await once(socket, 'connect').catch(() => {
          throw new PushProblem('unreachable');
        });
        return { socket, app: 'live', tcUrl: 'rtmp://example.org/live' };
      },
      key,
      program: async () => program,
      clock,
      onStatus: (status) => told.push(status),
    });
    target.start();
    return told;
  }
  const becomes = (state: PushStatus['state']) => vi.waitFor(() => expect(target?.status.state).toBe(state));

  test('asks for what RTMP servers expect, and waits for media when it is taken', async () => {
    start();
    await becomes('waiting');
    expect(seen.map(([name]) => name)).toEqual(['connect', 'releaseStream', 'FCPublish', 'createStream', 'publish']);
    expect(seen.at(-1)).toEqual(['publish', 'the-secret-key', 'live']);
  });

  test('that is refused with a word fails at once, with that word and without the key', async () => {
    answers = {
      publish: { level: 'error', code: 'NetStream.Publish.Denied', description: 'no: the-secret-key\u0007' },
    };
    start();
    await becomes('failed');
    expect(target?.status).toMatchObject({ reason: 'key', detail: 'no: … ', retryAt: null });
    expect(clock.waiting).toBe(0);
  });

  test('that is refused at the application says so', async () => {
    answers = { connect: { level: 'error', code: 'NetConnection.Connect.InvalidApp', description: 'what app?' } };
    start();
    await becomes('failed');
    expect(target?.status).toMatchObject({ reason: 'app', detail: 'what app?' });
  });

  test('at which the other side hangs up without a word is tried once more', async () => {
    answers = { hangUpAt: 'publish' };
    start();
    await becomes('retrying');
    expect(target?.status.reason).toBe('key');
    clock.advance(1000);
    await becomes('failed');
    expect(seen.filter(([name]) => name === 'publish')).toHaveLength(2);
  });

  test('that is dropped at once again and again was not wanted', async () => {
    answers = { hangUpAt: 'live' };
    const told = start();
    for (const wait of [1000, 2000]) {
      await becomes('retrying');
      clock.advance(wait);
    }
    await becomes('failed');
    expect(told.flatMap(({ reason }) => reason ?? [])).toEqual(['dropped', 'dropped', 'hangs-up']);
  });

  test('whose key was good is not told that it is wrong', async () => {
    answers = {};
    start();
    await becomes('waiting');
    clock.advance(10_000);
    answers = { hangUpAt: 'publish' };
    for (const socket of sockets) socket.destroy();
    await becomes('retrying');
    clock.advance(1000);
    await vi.waitFor(() => expect(target?.status).toMatchObject({ state: 'retrying', reason: 'dropped' }));
  });

  test('to what is no RTMP server says so', async () => {
    answers = { garbage: true };
    start();
    await becomes('failed');
    expect(target?.status.reason).toBe('protocol');
  });

  test('waits longer from attempt to attempt, but never longer than half a minute', async () => {
    server.close();
    start();
    const waits: number[] = [];
    for (let count = 0; count < 7; count++) {
      await becomes('retrying');
      const wait = (target?.status.retryAt ?? 0) - clock.now();
      waits.push(wait);
      clock.advance(wait);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test('that was stopped is tried no more', async () => {
    answers = { hangUpAt: 'publish' };
    start();
    await becomes('retrying');
    target?.stop();
    expect(target?.status.state).toBe('idle');
    clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.filter(([name]) => name === 'publish')).toHaveLength(1);
  });
});
