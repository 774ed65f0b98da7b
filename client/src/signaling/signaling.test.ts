import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROTOCOL_VERSION } from '@amphi/protocol/constants';
import { isTemporary, reconnectDelay } from './backoff.ts';
import { ANSWER_MS } from './requests.ts';
import { Signaling } from './signaling.ts';
import { FakeSocket } from './testing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const socket = new FakeSocket();
  const signaling = new Signaling({ room: 'room', socketFactory: socket.factory });
  const seen: string[] = [];
  signaling.events.on('welcome', ({ resumed }) => void seen.push(resumed ? 'resumed' : 'fresh'));
  signaling.events.on('down', () => void seen.push('down'));
  signaling.events.on('lost', (error) => void seen.push(`lost ${error?.code ?? 'unreachable'}`));
  signaling.events.on('event', (name) => void seen.push(name));
  return { socket, signaling, seen };
}

describe('opening', () => {
  it('sends the handshake and resolves with the welcome', async () => {
    const { socket, signaling } = setUp();
    const opened = signaling.open();
    expect(socket.auth()).toEqual({ protocol: PROTOCOL_VERSION, room: 'room' });
    socket.welcome();
    expect((await opened).sessionId).toBe('s1');
    expect(signaling.up).toBe(true);
  });

  it('rejects with the server’s refusal', async () => {
    const { socket, signaling, seen } = setUp();
    const opened = signaling.open();
    socket.refuse({ code: 'room-not-found', message: 'There is no such room.' });
    await expect(opened).rejects.toMatchObject({ code: 'room-not-found' });
    expect(seen).toEqual(['lost room-not-found']);
  });

  it('tries again while the server is not reached, and rejects after 15 s', async () => {
    const { socket, signaling } = setUp();
    const opened = signaling.open();
    const failure = opened.catch((error: unknown) => error);
    for (let second = 0; second < 40; second += 1) {
      if (socket.attempts > 0) socket.refuse();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(await failure).toMatchObject({ code: 'internal' });
    expect(socket.attempts).toBeGreaterThan(5);
  });
});

describe('requests', () => {
  it('wait for the welcome, carry an id each and settle with the answer', async () => {
    const { socket, signaling } = setUp();
    const early = signaling.call('chat.history', {});
    void signaling.open();
    expect(socket.sent).toHaveLength(0);
    socket.welcome();
    const late = signaling.call('chat.send', { text: 'hi' });
    const [first, second] = socket.sent;
    expect(first?.envelope).toMatchObject({ method: 'chat.history', data: {} });
    expect(first?.envelope.id).not.toBe(second?.envelope.id);
    first?.ack({ ok: true, data: 1 });
    second?.ack({ ok: false, error: { code: 'rate-limited', message: 'Too often.', retryAfterMs: 5 } });
    await expect(early).resolves.toBe(1);
    await expect(late).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 5 });
  });

  it('are sent again with the same ids and in the same order after a resume', async () => {
    const { socket, signaling } = setUp();
    void signaling.open();
    socket.welcome();
    const answered = signaling.call('a', {});
    const pending = signaling.call('b', {});
    const ids = socket.sent.map(({ envelope }) => envelope.id);
    socket.sent[0]?.ack({ ok: true, data: null });
    await answered;
    socket.lose();
    const queued = signaling.call('c', {});
    socket.take();
    socket.welcome({ resumed: true });
    expect(socket.sent.map(({ envelope }) => envelope.method)).toEqual(['b', 'c']);
    expect(socket.sent[0]?.envelope.id).toBe(ids[1]);
    for (const { ack } of socket.sent) ack({ ok: true, data: 'done' });
    await expect(pending).resolves.toBe('done');
    await expect(queued).resolves.toBe('done');
  });

  it('are rejected when the session they belong to is over', async () => {
    const { socket, signaling, seen } = setUp();
    void signaling.open();
    socket.welcome();
    const pending = signaling.call('producer.update', {});
    socket.lose();
    socket.welcome({ sessionId: 's2' });
    await expect(pending).rejects.toMatchObject({ code: 'session-ended' });
    expect(seen).toEqual(['fresh', 'down', 'fresh']);
  });

  it('time out on an open socket only', async () => {
    const { socket, signaling } = setUp();
    void signaling.open();
    socket.welcome();
    const late = signaling.call('slow', {});
    const failure = late.catch((error: unknown) => error);
    socket.lose();
    await vi.advanceTimersByTimeAsync(ANSWER_MS * 2);
    socket.welcome({ resumed: true });
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    expect(String(await failure)).toContain('did not answer slow within 15 s');
  });
});

describe('a drop', () => {
  it('is followed by attempts every 0.2 to 1 s for more than a minute, with the token and the last seq', async () => {
    const { socket, signaling, seen } = setUp();
    void signaling.open();
    socket.welcome();
    socket.event('member.joined', {}, 1);
    socket.event('room.speakers', {}, 0);
    socket.event('member.left', {}, 2);
    socket.lose();
    for (let second = 0; second < 90; second += 1) {
      const before = socket.attempts;
      await vi.advanceTimersByTimeAsync(1200);
      expect(socket.attempts).toBeGreaterThan(before);
      socket.refuse();
    }
    expect(socket.auth().resume).toEqual({ token: 'token-1', seq: 2 });
    socket.welcome({ resumed: true, resumeToken: 'token-2' });
    socket.event('member.left', {}, 2);
    socket.event('member.joined', {}, 3);
    expect(seen).toEqual([
      'fresh',
      'member.joined',
      'room.speakers',
      'member.left',
      'down',
      'resumed',
      'member.joined',
    ]);
    expect(socket.auth().resume).toEqual({ token: 'token-2', seq: 3 });
  });

  it('is not the end while the server is draining, and asks for a new session when the old one is gone', async () => {
    const { socket, signaling } = setUp();
    void signaling.open();
    socket.welcome();
    socket.lose();
    await vi.advanceTimersByTimeAsync(300);
    socket.refuse({ code: 'draining', message: 'Stopping.', retryAfterMs: 500 });
    const before = socket.attempts;
    await vi.advanceTimersByTimeAsync(600);
    expect(socket.attempts).toBe(before + 1);
    socket.refuse({ code: 'session-ended', message: 'Over.' });
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.auth().resume).toBeUndefined();
  });

  it('ends it all when the server refuses for good', async () => {
    const { socket, signaling, seen } = setUp();
    void signaling.open();
    socket.welcome();
    socket.lose();
    await vi.advanceTimersByTimeAsync(300);
    socket.refuse({ code: 'room-not-found', message: 'Gone.' });
    expect(seen.at(-1)).toBe('lost room-not-found');
  });
});

describe('probe', () => {
  it('connects at once when the socket is down', async () => {
    const { socket, signaling } = setUp();
    void signaling.open();
    socket.welcome();
    socket.lose();
    const before = socket.attempts;
    signaling.probe();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.attempts).toBe(before + 1);
  });

  it('replaces a socket that does not answer within 1.2 s, and keeps one that does', async () => {
    const { socket, signaling } = setUp();
    void signaling.open();
    socket.welcome();
    signaling.probe();
    socket.sent.at(-1)?.ack({ ok: true, data: {} });
    await vi.advanceTimersByTimeAsync(3000);
    expect(socket.drops).toBe(0);
    expect(signaling.rttMs).not.toBeNull();
    signaling.probe();
    await vi.advanceTimersByTimeAsync(2000);
    expect(socket.drops).toBe(1);
    expect(signaling.up).toBe(false);
  });
});

it('close() says goodbye and rejects what is open', async () => {
  const { socket, signaling } = setUp();
  void signaling.open();
  socket.welcome();
  const pending = signaling.call('a', {});
  signaling.close();
  signaling.close();
  expect(socket.closed).toBe(true);
  await expect(pending).rejects.toMatchObject({ code: 'session-ended' });
  await expect(signaling.call('b', {})).rejects.toMatchObject({ code: 'session-ended' });
});

describe('backoff', () => {
  it('stays between 0.2 and 1.2 s', () => {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      for (const random of [0, 0.5, 1]) {
        expect(reconnectDelay(attempt, random)).toBeGreaterThanOrEqual(200);
        expect(reconnectDelay(attempt, random)).toBeLessThanOrEqual(1200);
      }
    }
  });

  it('knows which refusals pass', () => {
    expect(isTemporary('draining')).toBe(true);
    expect(isTemporary('room-not-found')).toBe(false);
  });
});
