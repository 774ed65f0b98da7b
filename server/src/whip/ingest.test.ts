import type { RtpCapabilities } from '@amphi/protocol';
import { call, startRooms } from '@amphi/rooms/testing';
import { expect, test } from 'vitest';
import { routerCapabilities, routerCodecs } from '../../../media/src/codecs.ts';
import { obs } from '../../test/support/offers.ts';
import { createPublishers } from '../ingest/publishers.ts';
import { createIngest } from './ingest.ts';

const capabilities: RtpCapabilities = routerCapabilities(routerCodecs(['vp8', 'h264']));

function start() {
  const rooms = startRooms();
  const { directory, store, cluster, clock, logger } = rooms;
  const relay = () => ({ iceServers: [], expiresInMs: null });
  const publishers = createPublishers({ directory, store, cluster, clock, logger });
  const ingest = createIngest({ publishers, relay, capabilities });
  const { key: secret, id } = store.streamKeys.create('lab', 'Studio', 1);
  const governor = directory.governor('lab');
  return { ...rooms, ingest, secret, id, governor };
}

const host = { identity: 'user:h', name: 'Host', role: 'host' as const };

test('a room lives as long as somebody publishes into it', async () => {
  const { ingest, secret, directory } = start();
  const { session } = await ingest.open(ingest.keyOf('lab', secret), obs);
  expect(directory.liveRoom('lab')?.size).toBe(1);
  ingest.stop(session);
  expect(directory.liveRoom('lab')).toBeUndefined();
  expect(ingest.session(session.id)).toBeUndefined();
});

test('who is elsewhere is sent there, once somebody knows where that is', async () => {
  const { ingest, cluster } = start();
  expect(await ingest.elsewhere('lab')).toBeUndefined();
  const other = cluster.peer('https://two.example.org');
  await other.claimRoom('lab');
  expect(await ingest.elsewhere('lab')).toBe('https://two.example.org');
  await other.close();
  await cluster.claimRoom('lab');
  expect(await ingest.elsewhere('lab')).toBeUndefined();
});

test('two requests with one key do not overtake each other: the later one publishes', async () => {
  const { ingest, secret, directory } = start();
  const key = ingest.keyOf('lab', secret);
  const [first, second] = await Promise.all([ingest.open(key, obs), ingest.open(key, obs)]);
  expect(directory.liveRoom('lab')?.size).toBe(1);
  expect(ingest.session(first.session.id)).toBeUndefined();
  expect(ingest.session(second.session.id)).toBe(second.session);
});

test('a key that is rotated or revoked ends who publishes with it', async () => {
  const { ingest, secret, id, governor, directory } = start();
  await ingest.open(ingest.keyOf('lab', secret), obs);
  await governor.rotateStreamKey(host, id);
  expect(directory.liveRoom('lab')).toBeUndefined();
  expect(() => ingest.keyOf('lab', secret)).toThrow(/no stream key/);
  expect(governor.audit({ limit: 9 }).map(({ action }) => action)).toContain('live.rotateKey');
});

test('who was put out does not come back by itself; for good when banned', async () => {
  const { ingest, secret, directory, clock, connect } = start();
  const { session } = await connect('lab');
  await call(session, 'join', { name: 'Ada', rtpCapabilities: {}, direct: false });
  const key = ingest.keyOf('lab', secret);
  await ingest.open(key, obs);
  const room = directory.liveRoom('lab');
  const publisher = () => room?.members().find(({ role }) => role === 'publisher')?.id ?? '';
  room?.moderation.remove(host, publisher(), false);
  await expect(ingest.open(key, obs)).rejects.toMatchObject({ code: 'forbidden', retryAfterMs: 60_000 });
  clock.advance(60_000);
  await ingest.open(key, obs);
  room?.moderation.remove(host, publisher(), true);
  expect(() => ingest.keyOf('lab', secret)).toThrow(/no stream key/);
});

test('what cannot be published leaves nothing behind', async () => {
  const { ingest, secret, plane, directory } = start();
  plane.unavailable = true;
  await expect(ingest.open(ingest.keyOf('lab', secret), obs)).rejects.toMatchObject({ code: 'media-unavailable' });
  expect(directory.liveRoom('lab')).toBeUndefined();
});
