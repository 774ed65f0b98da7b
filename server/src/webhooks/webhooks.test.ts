import { quietLogger, FakeClock } from '@amphi/rooms/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outbound, TargetRefused } from '../net/outbound.ts';
import { openServerStore, type ServerStore } from '../store/index.ts';
import { RETRY, waitMs } from './retry.ts';
import { newWebhookSecret } from './signature.ts';
import { type ConfiguredWebhook, createWebhooks, type Webhooks } from './webhooks.ts';

const HOUR = 3_600_000;
const url = 'https://shop.example/hook';

describe('webhooks', () => {
  let store: ServerStore;
  let clock: FakeClock;
  let posts: { url: string; type: string }[];
  let answer: () => Promise<{ status: number }>;
  let webhooks: Webhooks;

  const outbound: Outbound = {
    async check(text) {
      if (text.includes('internal')) throw new TargetRefused('it leads to an internal address');
      return { url: new URL(text), address: '192.0.2.1' };
    },
    post(to, { body }) {
      posts.push({ url: to, type: (JSON.parse(body) as { type: string }).type });
      return answer();
    },
  };
  const start = (configured: ConfiguredWebhook[] = []) =>
    createWebhooks({ tables: store.webhooks, outbound, configured, logger: quietLogger(), clock });

  beforeEach(() => {
    store = openServerStore(':memory:');
    clock = new FakeClock();
    posts = [];
    answer = async () => ({ status: 204 });
    webhooks = start();
  });
  afterEach(async () => {
    await webhooks.close();
    store.close();
  });

  /** Lets what is under way end. */
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const states = (id: string) => webhooks.deliveries(id).map(({ state, attempts }) => `${state} ${attempts}`);

  test('tell those who want to know, in order, one after the other', async () => {
    const { id } = await webhooks.create({ url, events: ['room.opened', 'room.closed'] });
    await webhooks.create({ url: 'https://other.example/', events: ['room.closed'] });
    webhooks.emit('room.opened', { room: 'lab' });
    webhooks.emit('room.closed', { room: 'lab' });
    expect(posts.map(({ type }) => type)).toEqual(['room.opened', 'room.closed']);
    await settle();
    expect(posts.map((post) => post.url.split('/')[2])).toEqual(['shop.example', 'other.example', 'shop.example']);
    expect(states(id)).toEqual(['delivered 1', 'delivered 1']);
    expect(webhooks.list()[0]).toMatchObject({ pending: 0, failingSince: null });
  });

  test('are tried again, later and later, until it works', async () => {
    answer = async () => ({ status: 500 });
    const { id } = await webhooks.create({ url, events: ['room.opened'] });
    webhooks.emit('room.opened', { room: 'lab' });
    await settle();
    expect(webhooks.deliveries(id)).toMatchObject([{ state: 'pending', status: 500, error: 'it answered 500' }]);
    expect(webhooks.list()).toMatchObject([{ pending: 1, failingSince: clock.now() }]);
    clock.advance(3000);
    await settle();
    expect(posts).toHaveLength(1);
    clock.advance(4000);
    await settle();
    expect(posts).toHaveLength(2);
    answer = async () => ({ status: 200 });
    clock.advance(25_000);
    await settle();
    expect(states(id)).toEqual(['delivered 3']);
    expect(webhooks.list()).toMatchObject([{ pending: 0, failingSince: null }]);
  });

  test('go on after a restart with what waited', async () => {
    answer = () => Promise.reject(new TargetRefused('it leads to an internal address'));
    const { id } = await webhooks.create({ url, events: ['room.opened'] });
    webhooks.emit('room.opened', { room: 'lab' });
    await settle();
    await webhooks.close();
    answer = async () => ({ status: 200 });
    clock.advance(10_000);
    webhooks = start();
    await settle();
    expect(states(id)).toEqual(['delivered 2']);
  });

  test('what was under way at the end is not lost, nor counted as failed', async () => {
    answer = () => new Promise((_, reject) => void setTimeout(() => reject(new Error('aborted')), 20));
    const { id } = await webhooks.create({ url, events: ['room.opened'] });
    webhooks.emit('room.opened', { room: 'lab' });
    await webhooks.close();
    expect(webhooks.deliveries(id)).toMatchObject([{ state: 'pending', attempts: 0 }]);
  });

  test('to which nothing arrives for three days are disabled, and can be enabled again', async () => {
    answer = async () => ({ status: 503 });
    const { id } = await webhooks.create({ url, events: ['room.opened'] });
    for (let hour = 0; hour <= 80; hour++) {
      webhooks.emit('room.opened', { room: 'lab' });
      await settle();
      clock.advance(HOUR);
      await settle();
    }
    expect(webhooks.list()).toMatchObject([{ enabled: false, pending: 0 }]);
    expect(() => webhooks.test(id)).toThrow(expect.objectContaining({ code: 'wrong-state' }));
    answer = async () => ({ status: 200 });
    await webhooks.update(id, { enabled: true });
    webhooks.test(id);
    await settle();
    expect(webhooks.list()).toMatchObject([{ enabled: true, failingSince: null }]);
  });

  test('that say 410 are disabled at once', async () => {
    answer = async () => ({ status: 410 });
    await webhooks.create({ url, events: ['room.opened'] });
    webhooks.emit('room.opened', { room: 'lab' });
    await settle();
    expect(webhooks.list()).toMatchObject([{ enabled: false, pending: 0 }]);
  });

  test('a slow one does not keep the others waiting', async () => {
    const { id: slow } = await webhooks.create({ url: 'https://slow.example/', events: ['room.opened'] });
    await webhooks.create({ url, events: ['room.opened'] });
    let release: (answer: { status: number }) => void = () => {};
    answer = () =>
      posts.at(-1)?.url.includes('slow')
        ? new Promise((resolve) => (release = resolve))
        : Promise.resolve({ status: 200 });
    for (const room of ['a', 'b', 'c']) webhooks.emit('room.opened', { room });
    await settle();
    expect(posts.filter((post) => post.url === url)).toHaveLength(3);
    expect(states(slow)).toEqual(['pending 0', 'pending 0', 'pending 0']);
    answer = async () => ({ status: 200 });
    release({ status: 200 });
    await settle();
    expect(states(slow)).toEqual(['delivered 1', 'delivered 1', 'delivered 1']);
  });

  test('of the configuration are there, and can be changed there alone', async () => {
    await webhooks.close();
    const configured = { url, secret: newWebhookSecret(), events: ['room.opened'] as ['room.opened'] };
    webhooks = start([configured]);
    const [{ id } = { id: '' }] = webhooks.list();
    expect(webhooks.list()).toMatchObject([{ isConfigured: true, url }]);
    await expect(webhooks.update(id, { enabled: false })).rejects.toMatchObject({ code: 'wrong-state' });
    expect(() => webhooks.remove(id)).toThrow(expect.objectContaining({ code: 'wrong-state' }));
    await webhooks.close();
    webhooks = start([]);
    expect(webhooks.list()).toEqual([]);
  });

  test('no secret is shown but at the making', async () => {
    const { secret } = await webhooks.create({ url, events: ['room.opened'] });
    expect(secret).toMatch(/^whsec_/);
    expect(JSON.stringify(webhooks.list())).not.toContain('whsec_');
  });
});

test('the wait grows fourfold to six hours, give or take a quarter', () => {
  const waits = [1, 2, 3, 4, 10, 30].map((attempts) => waitMs(RETRY, attempts, () => 0.5));
  expect(waits).toEqual([5000, 20_000, 80_000, 320_000, 6 * HOUR, 6 * HOUR]);
  expect(waitMs(RETRY, 1, () => 0)).toBe(3750);
  expect(waitMs(RETRY, 1, () => 1)).toBe(6250);
});
