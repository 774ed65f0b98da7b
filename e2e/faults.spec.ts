import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';

// A server of the test's own: it does not survive unharmed.
test.use({ serverForTest: async ({ ownServer }, use) => use(ownServer) });

const hidden = { policy: { direct: false } };

test('a media worker is killed: its room has media again within 3 s, another room notices nothing', async ({
  people,
  serverForTest,
  measured,
}) => {
  test.setTimeout(90_000);
  const rooms = [await serverForTest.createRoom(hidden), await serverForTest.createRoom(hidden)];
  const pairs: [Person, Person][] = [];
  for (const [index, room] of rooms.entries()) {
    const pair: [Person, Person] = [
      await people.join(`Ada ${index}`, room),
      await people.join(`Ben ${index}`, room, { camera: false }),
    ];
    await pair[1].seeing(pair[0].name);
    await pair[0].hearing(pair[1].name);
    pairs.push(pair);
  }
  const workers = serverForTest.workerPids();
  expect(workers).toHaveLength(2);
  const meters = await Promise.all(
    pairs.map(([ada, ben]) => Promise.all([ben.watch(ada.name), ada.listenTo(ben.name)])),
  );
  await sleep(1000);
  await Promise.all(meters.flat().map((meter) => meter.reset()));

  process.kill(workers[0] ?? 0, 'SIGKILL');
  await sleep(5000);
  const gaps = await Promise.all(
    meters.map(async ([view, ear]) => ({
      freeze: (await view.read()).longestGapMs,
      silence: (await ear.read()).longestGapMs,
    })),
  );
  // Which room was on that worker is seen by what it suffered.
  const [spared, hit] = gaps.toSorted((one, other) => one.freeze - other.freeze);
  measured('the room of the killed worker: freeze, ms', hit?.freeze ?? Number.NaN);
  measured('the room of the killed worker: audio gap, ms', hit?.silence ?? Number.NaN);
  measured('the other room: freeze, ms', spared?.freeze ?? Number.NaN);
  measured('the other room: audio gap, ms', spared?.silence ?? Number.NaN);
  expect(Math.max(hit?.freeze ?? Number.NaN, hit?.silence ?? Number.NaN)).toBeLessThan(3000);
  expect(Math.max(spared?.freeze ?? Number.NaN, spared?.silence ?? Number.NaN)).toBeLessThan(1000);
  for (const [ada, ben] of pairs) {
    await ben.seeing(ada.name);
    await ada.hearing(ben.name);
  }
  expect(serverForTest.workerPids(), 'the worker was replaced').toHaveLength(2);
});

for (const way of ['killed', 'ended by SIGTERM'] as const) {
  test(`the server is ${way} and started again: everybody is back within 6 s`, async ({
    people,
    room,
    serverForTest,
    measured,
  }) => {
    test.setTimeout(90_000);
    const ada = await people.join('Ada', room);
    const ben = await people.join('Ben', room);
    await Promise.all([ada.expectPath('Ben', 'direct'), ben.expectPath('Ada', 'direct')]);
    if (way === 'killed') await serverForTest.kill();
    else expect(await serverForTest.terminate()).toBe(0);
    await serverForTest.start();
    const since = performance.now();
    const state = (person: Person) => person.inCall(({ call }) => call.state, null);
    for (const person of [ada, ben]) await expect.poll(() => state(person), { timeout: 6000 }).toBe('joined');
    await Promise.all([ada.seeing('Ben', { timeout: 6000 }), ben.seeing('Ada', { timeout: 6000 })]);
    const back = Math.round(performance.now() - since);
    measured('media again after the server was ready, ms', back);
    expect(back).toBeLessThan(6000);
    await Promise.all([ada.hearing('Ben'), ben.hearing('Ada')]);
    for (const person of [ada, ben]) await expect(person.tiles).toHaveCount(2);
    expect(serverForTest.workerPids()).toHaveLength(2);
  });
}
