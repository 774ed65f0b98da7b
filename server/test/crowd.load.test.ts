import { expect } from 'vitest';
import { joinWith } from './support/cast.ts';
import { testWithServer } from './support/fixtures.ts';

const test = testWithServer({ room: { capacity: 300 }, media: { workers: 2, membersPerRouter: 60 } });

const CROWD = 200;
/** On two cores that other work shares, client ends included. */
const JOINED_MS = 15_000;

test('a room that 200 people join at once stands', async ({ server, cast }) => {
  const room = await server.createRoom();
  const [host] = await cast.gather(['Host'], { room });
  const producerId = await host?.publishCamera();
  const voice = await host?.publishMicrophone();
  const [sam, nora] = await cast.gather(['Sam', 'Nora']);

  const startedAt = performance.now();
  const crowd = await Promise.all(
    Array.from({ length: CROWD }, async (_, n) => joinWith(await cast.visit(room), { name: `${n}` })),
  );
  expect(performance.now() - startedAt).toBeLessThan(JOINED_MS);
  for (const { snapshot } of crowd) {
    expect(snapshot.consumers.map((consumer) => consumer.producerId).toSorted()).toEqual(
      [producerId, voice].toSorted(),
    );
  }

  // Everybody knows everybody, by the snapshot or by what came after it.
  for (const person of crowd) {
    await person.caughtUp();
    const later = person.wire.inbox.rest((name) => name === 'member.joined');
    const ids = new Set([
      ...person.snapshot.members.map(({ id }) => id),
      ...later.map(({ data }) => (data as { member: { id: string } }).member.id),
    ]);
    expect(ids.size).toBe(CROWD + 1);
  }
  expect(await server.metric('amphi_members')).toBe(CROWD + 3);

  // Another room did not suffer, and one word reaches all.
  const calledAt = performance.now();
  await sam?.wire.call('chat.send', { text: 'calm here' });
  await nora?.wire.take('chat.message');
  expect(performance.now() - calledAt).toBeLessThan(1000);
  await host?.wire.call('chat.send', { text: 'welcome' });
  await Promise.all(crowd.map(({ wire }) => wire.take('chat.message')));
});
