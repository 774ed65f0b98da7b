import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHlsShelf, type ProgramLease } from '@amphi/egress';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveOutputs, type ServerOutputs } from './outputs.ts';

let folder: string;
let errors: string[];
let outputs: ServerOutputs;
/** What opens the program, once for each time that somebody goes live. */
let opening: PromiseWithResolvers<ProgramLease>;
let close: () => Promise<void>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-outputs-'));
  errors = [];
  opening = Promise.withResolvers();
  const logger = {
    debug() {},
    info() {},
    warn() {},
    error: (_details: object, message: string) => errors.push(message),
  };
  const shelf = createHlsShelf({
    ...{ folder, windowSeconds: 60, replayDays: 1, maxBytes: 1e9, isGone: () => false, onChange() {}, logger },
  });
  outputs = createLiveOutputs({
    ...{ shelf, key: Buffer.alloc(32, 7), logger, isPrivate: () => false },
    programs: { use: () => opening.promise, setLayout() {} },
  });
  close = () => shelf.close();
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

/** Everybody who waits for it has heard of it. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a program that cannot be opened is an error, as the event goes on without HLS', async () => {
  outputs.open('lab', { layout: 'solo', changed() {} });
  opening.reject(new Error('no'));
  await settled();
  expect(errors).toEqual(['a live event cannot be had as HLS']);
});

test('of an event that ended before its program was open, nothing is told and nothing is kept', async () => {
  outputs.open('lab', { layout: 'solo', changed() {} });
  outputs.close('lab');
  opening.reject(new Error('the room is over'));
  await settled();
  expect(errors).toEqual([]);

  let releases = 0;
  opening = Promise.withResolvers();
  outputs.open('lab', { layout: 'solo', changed() {} });
  outputs.close('lab');
  const program = { attach: () => expect.unreachable('it is over'), close: () => Promise.resolve() };
  opening.resolve({ program, release: () => (releases += 1) });
  await settled();
  expect([releases, errors]).toEqual([1, []]);
});
