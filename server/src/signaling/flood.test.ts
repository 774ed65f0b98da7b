import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FloodGuard } from './flood.ts';

let guard: FloodGuard;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
  guard = new FloodGuard({
    perConnection: { burst: 10, perSecond: 5 },
    perAddress: { burst: 24, perSecond: 20 },
  });
});
afterEach(() => {
  guard.close();
  vi.useRealTimers();
});

/** A connection, and what it was cut off for. */
function connect(address = '192.0.2.1') {
  const wire = Object.assign(new EventEmitter(), { close: () => {} });
  const onFlood = vi.fn();
  guard.watch(wire, address, onFlood);
  const send = (count: number, data: unknown = 'x') => {
    for (let n = 0; n < count; n++) wire.emit('packet', { type: 'message', data });
  };
  return { send, onFlood };
}

test('a burst and a steady rate are let through, and no more', () => {
  const { send, onFlood } = connect();
  send(10);
  for (let second = 0; second < 20; second++) {
    vi.advanceTimersByTime(1000);
    send(5);
  }
  expect(onFlood).not.toHaveBeenCalled();
  send(1);
  expect(onFlood).toHaveBeenCalledOnce();
  send(100);
  expect(onFlood).toHaveBeenCalledOnce();
});

test('large messages count for more', () => {
  const { send, onFlood } = connect();
  send(1, 'x'.repeat(9 * 2048));
  expect(onFlood).not.toHaveBeenCalled();
  send(1, Buffer.alloc(10));
  expect(onFlood).toHaveBeenCalledOnce();
});

test('an address has a limit for all of its connections, which one flooder does not use up', () => {
  const flooder = connect();
  flooder.send(1000);
  expect(flooder.onFlood).toHaveBeenCalledOnce();
  const [first, second, elsewhere] = [connect(), connect(), connect('192.0.2.2')];
  first.send(10);
  expect(first.onFlood).not.toHaveBeenCalled();
  second.send(10);
  expect(second.onFlood).toHaveBeenCalledOnce();
  elsewhere.send(10);
  expect(elsewhere.onFlood).not.toHaveBeenCalled();
  // The limit fills again.
  vi.advanceTimersByTime(2000);
  const third = connect();
  third.send(10);
  expect(third.onFlood).not.toHaveBeenCalled();
});
