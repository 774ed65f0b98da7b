import type { RtpParameters } from '@amphi/protocol';
import { expect, test } from 'vitest';
import { Publisher, RETURN_WITHIN_MS } from './publisher.ts';
import { startRoom } from './testing/index.ts';

const rtpParameters: RtpParameters = { codecs: [] as unknown as RtpParameters['codecs'] };
const tracks = [
  { kind: 'audio' as const, rtpParameters },
  { kind: 'video' as const, rtpParameters },
];
const dtls = { role: 'client' as const, fingerprints: [] };
const host = { identity: 'user:host', name: 'Host', role: 'host' as const };

async function publishing() {
  const lab = await startRoom();
  const { member: ada } = await lab.join('ada');
  const ends: string[] = [];
  const publisher = await Publisher.join({
    id: 'obs',
    room: lab.room,
    identity: 'publisher:key',
    name: 'Studio',
    clock: lab.clock,
    onEnd: (reason) => ends.push(reason),
  });
  await publisher.publish(tracks, dtls);
  publisher.mediaAlive(true);
  ada.told();
  return { ...lab, ada, ends, publisher };
}

test('is seen like any other member', async () => {
  const { room } = await publishing();
  const { members } = room.snapshot('ada');
  expect(members.at(-1)).toMatchObject({ id: 'obs', role: 'publisher', name: 'Studio', presence: 'here' });
  expect(members.at(-1)?.producers.map(({ source }) => source)).toEqual(['microphone', 'camera']);
});

test('that comes back in time stays the same member with the same tracks', async () => {
  const { publisher, ada, clock, room, ends } = await publishing();
  const before = room.tracks.of('obs').map(({ id }) => id);
  publisher.mediaAlive(false);
  expect(ada.told()).toEqual(['member.updated']);
  expect(publisher.info().presence).toBe('reconnecting');
  clock.advance(RETURN_WITHIN_MS - 1);
  await publisher.publish(tracks, dtls);
  clock.advance(RETURN_WITHIN_MS - 1);
  publisher.mediaAlive(true);
  clock.advance(10 * RETURN_WITHIN_MS);
  expect(publisher.info().presence).toBe('here');
  expect(room.tracks.of('obs').map(({ id }) => id)).toEqual(before);
  expect(ada.told()).not.toContain('member.left');
  expect(ends).toEqual([]);
});

test('that comes back with sound alone sends no picture any more', async () => {
  const { publisher, ada, room } = await publishing();
  await publisher.publish(tracks.slice(0, 1), dtls);
  expect(room.tracks.of('obs').map(({ source }) => source)).toEqual(['microphone']);
  expect(ada.told()).toContain('producer.removed');
});

test('that does not come back, or never came, ends after its time', async () => {
  const lost = await publishing();
  lost.publisher.mediaAlive(false);
  lost.clock.advance(RETURN_WITHIN_MS);
  expect(lost.ends).toEqual(['lost']);
  expect(lost.ada.told()).toEqual(['member.updated', 'member.left']);

  const lab = await startRoom();
  const ends: string[] = [];
  const options = { id: 'obs', room: lab.room, identity: 'publisher:key', name: 'S', clock: lab.clock };
  await Publisher.join({ ...options, onEnd: (reason) => ends.push(reason) });
  lab.clock.advance(RETURN_WITHIN_MS);
  expect(ends).toEqual(['lost']);
});

test('whose worker is lost has to come back, as it cannot be told', async () => {
  const { publisher, media, room } = await publishing();
  media.lose(['obs']);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(publisher.info().presence).toBe('reconnecting');
  await publisher.publish(tracks, dtls);
  publisher.mediaAlive(true);
  expect(room.tracks.of('obs')).toHaveLength(2);
});

test('that does not speak WebRTC is sent for, and is told when it has to begin anew', async () => {
  const { media, clock, room, ...lab } = await publishing();
  const moved: string[] = [];
  const options = { id: 'rtmp', room, identity: 'publisher:other', name: 'Field', clock, onEnd: () => {} };
  const publisher = await Publisher.join({ ...options, onMoved: () => moved.push('moved') });
  const inlet = await publisher.publishHere(tracks);
  expect(room.tracks.of('rtmp').map(({ id }) => id)).toEqual([
    publisher.producerId('audio'),
    publisher.producerId('video'),
  ]);
  expect(media.transportsOf('rtmp')).toBeUndefined();
  inlet.setAlive(true);
  lab.ada.told();
  clock.advance(2 * RETURN_WITHIN_MS);
  expect(publisher.ended).toBe(false);
  media.lose(['rtmp']);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(moved).toEqual(['moved']);
  expect(publisher.info().presence).toBe('reconnecting');
  (await publisher.publishHere(tracks.slice(1))).setAlive(true);
  expect(publisher.info().presence).toBe('here');
  expect(room.tracks.of('rtmp').map(({ source }) => source)).toEqual(['camera']);
});

test('can be muted, and stays so when it comes back', async () => {
  const { publisher, room, ada } = await publishing();
  await room.moderation.mute(host, ['microphone'], 'obs');
  expect(ada.told()).toContain('producer.updated');
  await publisher.publish(tracks, dtls);
  expect(room.tracks.of('obs').map(({ source, muted }) => [source, muted])).toEqual([
    ['microphone', true],
    ['camera', false],
  ]);
});

test('can be put out, and ends when it may send nothing any more', async () => {
  const removed = await publishing();
  removed.room.moderation.remove(host, 'obs', false);
  expect(removed.ends).toEqual(['removed']);

  const denied = await publishing();
  denied.room.moderation.setExceptions(host, 'obs', { grant: [], deny: ['publish.video'] });
  expect(denied.room.tracks.of('obs').map(({ source }) => source)).toEqual(['microphone']);
  expect(denied.ends).toEqual([]);
  denied.room.moderation.setExceptions(host, 'obs', { grant: [], deny: ['publish.video', 'publish.audio'] });
  expect(denied.ends).toEqual(['removed']);
  expect(() => denied.room.moderation.setRole(host, 'obs', 'speaker')).toThrow(/no such member/);
});

test('has no other role', async () => {
  const { room } = await publishing();
  expect(() => room.moderation.setRole(host, 'obs', 'speaker')).toThrow(/no other role/);
});

test('ends with the room, once', async () => {
  const { room, publisher, ends } = await publishing();
  room.close();
  publisher.end('left');
  expect(ends).toEqual(['room-closed']);
});
