import { expect, test } from 'vitest';
import { ProgramPool } from './pool.ts';
import type { Program } from './program.ts';

function program() {
  const made = { closed: 0, attach: () => () => {}, close: async () => void (made.closed += 1) } satisfies Program & {
    closed: number;
  };
  return made;
}

test('those who take the program of a room share one, which is closed with the last of them', () => {
  const pool = new ProgramPool();
  const made = program();
  const first = pool.use('room', () => made);
  const second = pool.use('room', () => {
    throw new Error('a second program was opened');
  });
  expect(second.program).toBe(first.program);

  first.release();
  first.release();
  expect(made.closed).toBe(0);
  second.release();
  expect(made.closed).toBe(1);
  expect(pool.rooms).toEqual([]);
});

test('rooms have programs of their own, and a program that was closed is not given out again', () => {
  const pool = new ProgramPool();
  const [a, b, again] = [program(), program(), program()];
  const first = pool.use('a', () => a);
  expect(pool.use('b', () => b).program).toBe(b);
  first.release();
  expect(pool.use('a', () => again).program).toBe(again);
  expect(b.closed).toBe(0);
});

test('a program that cannot be opened leaves nothing behind', () => {
  const pool = new ProgramPool();
  expect(() =>
    pool.use('room', () => {
      throw new Error('no worker');
    }),
  ).toThrow('no worker');
  expect(pool.rooms).toEqual([]);
});

test('the end of a room closes its program for all; a late release does not touch the next one', () => {
  const pool = new ProgramPool();
  const [old, next] = [program(), program()];
  const lease = pool.use('room', () => old);
  pool.end('room');
  expect(old.closed).toBe(1);

  pool.use('room', () => next);
  lease.release();
  expect([old.closed, next.closed]).toEqual([1, 0]);
});

test('closing waits for what is still closing', async () => {
  const pool = new ProgramPool();
  let done = false;
  const slow: Program = {
    attach: () => () => {},
    close: () => new Promise((resolve) => setTimeout(() => resolve(void (done = true)), 20)),
  };
  pool.use('room', () => slow).release();
  await pool.close();
  expect(done).toBe(true);
});
