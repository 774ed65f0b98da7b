import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGuessLimit } from '../http/limits.ts';
import { openServerStore, type ServerStore } from '../store/index.ts';
import { createShares, type Shares } from './shares.ts';

const DAY = 24 * 60 * 60 * 1000;
let folder: string;
let store: ServerStore;
let shares: Shares;
let now: number;

beforeEach(() => {
  now = 1000 * DAY;
  folder = mkdtempSync(join(tmpdir(), 'amphi-shares-'));
  store = openServerStore(join(folder, 'server.db'));
  shares = createShares(store.shares, createGuessLimit(3, 600), () => now);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const share = (more: { password?: string; days?: number } = {}) =>
  shares.create({ recordingId: 'r1', days: 7, tracks: false, by: 'Ada', ...more });

test('a share opens by its secret until it expires, and is listed without it', async () => {
  const { share: made, secret } = await share();
  expect(secret).toMatch(/^[\w-]{32}$/);
  expect(shares.list('r1')).toEqual([made]);
  expect(JSON.stringify(store.shares.get(made.id))).not.toContain(secret);
  expect(await shares.open(made.id, { secret }, 'a')).toMatchObject({ recordingId: 'r1', tracks: false });
  expect(shares.list('r1')).toMatchObject([{ openedAt: now, password: false }]);
  expect([shares.isGood(made.id, 'r1'), shares.isGood(made.id, 'r2')]).toEqual([true, false]);
  now += 7 * DAY;
  expect([shares.isGood(made.id, 'r1'), shares.list('r1')]).toEqual([false, []]);
  await expect(shares.open(made.id, { secret }, 'a')).rejects.toMatchObject({ code: 'not-found' });
});

test('wrong secrets are counted with their address; nothing tells them from what there is not', async () => {
  const { share: made, secret } = await share();
  const wrong = await shares.open(made.id, { secret: 'x' }, 'a').catch((error: Error) => error);
  const none = await shares.open('none', { secret }, 'a').catch((error: Error) => error);
  expect(wrong).toMatchObject({ code: 'not-found' });
  expect(none).toEqual(wrong);
  await shares.open(made.id, { secret: '' }, 'a').catch(() => {});
  await expect(shares.open(made.id, { secret }, 'a')).rejects.toMatchObject({ code: 'rate-limited' });
  expect(await shares.open(made.id, { secret }, 'b')).toMatchObject({ id: made.id });
});

test('a password is asked for, kept as a hash, and cannot be guessed for long', async () => {
  const { share: made, secret } = await share({ password: 'open sesame' });
  expect(JSON.stringify(store.shares.get(made.id))).not.toContain('open sesame');
  const open = (password?: string) => shares.open(made.id, { secret, password }, 'a');
  // To come without one is no guess.
  for (let i = 0; i < 5; i++) await expect(open()).rejects.toMatchObject({ code: 'password', path: undefined });
  expect(await open('open sesame')).toMatchObject({ id: made.id });
  const guesses = Array.from({ length: 8 }, (_, index) =>
    open(`guess ${index}`).catch(({ code }: { code: string }) => code),
  );
  expect((await Promise.all(guesses)).filter((code) => code === 'password')).toHaveLength(3);
  await expect(open('open sesame')).rejects.toMatchObject({ code: 'rate-limited' });
});

test('a revoked share is gone at once, and all of them with their recording', async () => {
  const [first, second, third] = [await share(), await share(), await share()];
  expect(() => shares.revoke('r2', first.share.id)).toThrow('no such share');
  shares.revoke('r1', first.share.id);
  expect(() => shares.revoke('r1', first.share.id)).toThrow('no such share');
  await expect(shares.open(first.share.id, { secret: first.secret }, 'a')).rejects.toMatchObject({ code: 'not-found' });
  expect(
    shares
      .list('r1')
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual([second.share.id, third.share.id].toSorted());
  shares.forget('r1');
  expect(shares.list('r1')).toEqual([]);
});
