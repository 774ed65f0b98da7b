import { expect, test } from 'vitest';
import { ProgramPool } from './pool.ts';
import type { Program, ProgramSink } from './program.ts';

class FakeProgram implements Program {
  closed = 0;
  readonly #sinks = new Set<ProgramSink>();

  attach(sink: ProgramSink): () => void {
    this.#sinks.add(sink);
    return () => void this.#sinks.delete(sink);
  }

  async close(): Promise<void> {
    this.closed += 1;
    for (const sink of this.#sinks) sink.ended();
  }
}

/** Lets what was begun be done. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('those who take the program of a room share one, which is closed with the last of them', async () => {
  const pool = new ProgramPool();
  const made = new FakeProgram();
  let opened = 0;
  const opener = async () => {
    opened += 1;
    return made;
  };
  const [first, second] = await Promise.all([pool.use('room', opener), pool.use('room', opener)]);
  expect([first.program, second.program, opened]).toEqual([made, made, 1]);

  first.release();
  first.release();
  await settled();
  expect(made.closed).toBe(0);
  second.release();
  await settled();
  expect(made.closed).toBe(1);
  expect(pool.rooms).toEqual([]);
});

test('rooms have programs of their own, and one that was closed is not given out again', async () => {
  const pool = new ProgramPool();
  const [a, b, again] = [new FakeProgram(), new FakeProgram(), new FakeProgram()];
  const first = await pool.use('a', async () => a);
  expect((await pool.use('b', async () => b)).program).toBe(b);
  first.release();
  expect((await pool.use('a', async () => again)).program).toBe(again);
  expect(b.closed).toBe(0);
});

test('a program that cannot be opened leaves nothing behind, and is tried anew', async () => {
  const pool = new ProgramPool();
  const refuse = async () => {
    throw new Error('no worker');
  };
  const both = await Promise.allSettled([pool.use('room', refuse), pool.use('room', refuse)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(pool.rooms).toEqual([]);
  const made = new FakeProgram();
  const lease = await pool.use('room', async () => made);
  lease.release();
  await pool.close();
  expect(made.closed).toBe(1);
});

test('the end of a program ends it for all; a late release does not touch the next one', async () => {
  const pool = new ProgramPool();
  const [old, next, last] = [new FakeProgram(), new FakeProgram(), new FakeProgram()];
  const lease = await pool.use('room', async () => old);
  pool.end('room');
  const another = await pool.use('room', async () => next);
  lease.release();
  await settled();
  expect([old.closed, next.closed]).toEqual([1, 0]);

  // It ends by itself, with its room.
  await next.close();
  expect((await pool.use('room', async () => last)).program).toBe(last);
  another.release();
  await settled();
  expect(last.closed).toBe(0);
});

test('closing waits for what is still closing', async () => {
  const pool = new ProgramPool();
  let done = false;
  const slow: Program = {
    attach: () => () => {},
    close: () => new Promise((resolve) => setTimeout(() => resolve(void (done = true)), 20)),
  };
  (await pool.use('room', async () => slow)).release();
  await pool.close();
  expect(done).toBe(true);
});
