import { expect, test } from './harness/fixtures.ts';
import { bitrateAt, connectionsOf, isAt } from './harness/rtc.ts';

test('two people see and hear each other, directly', async ({ people, room, serverForTest, measured }) => {
  // With the browser's own echo and noise suppression, as people have it.
  const ada = await people.join('Ada', room, { plainAudio: false });
  const ben = await people.join('Ben', room, { plainAudio: false });
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada')]);
  await Promise.all([ada.hearing('Ben'), ben.hearing('Ada')]);
  await Promise.all([ada.expectPath('Ben', 'direct'), ben.expectPath('Ada', 'direct')]);
  await ada.page.screenshot({ path: 'test-results/two.png' });

  // What the tile says is true: almost nothing goes to the server any more (ICE consent, RTCP), once what the SFU and the
  // browsers had on the way, and the SFU's probing for bandwidth, are over.
  const since = performance.now();
  let bitrate = Number.NaN;
  await expect
    .poll(async () => (bitrate = await bitrateAt(ada, serverForTest.mediaPorts, 2000)), { timeout: 20_000 })
    .toBeLessThan(20_000);
  measured('bit/s through the server while direct', Math.round(bitrate));
  measured('settled after, ms', Math.round(performance.now() - since));
  const elsewhere = (await connectionsOf(ada)).filter(({ remote }) => !isAt(serverForTest.mediaPorts, remote));
  expect(
    elsewhere.some(({ bytesReceived }) => bytesReceived > 50_000),
    'media comes from the other browser',
  ).toBe(true);
  // And it goes on after the change of path.
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben'), ben.hearing('Ada')]);
});

test.describe('in a room that hides addresses', () => {
  test.use({ roomOptions: { policy: { direct: false } } });

  test('two people stay on the server and learn no address of each other', async ({ people, room, serverForTest }) => {
    const ada = await people.join('Ada', room);
    const ben = await people.join('Ben', room);
    await Promise.all([ada.seeing('Ben'), ben.seeing('Ada')]);
    // Longer than a direct connection would take.
    await ada.page.waitForTimeout(6000);
    for (const [person, other] of [
      [ada, ben],
      [ben, ada],
    ] as const) {
      await person.expectPath(other.name, 'sfu');
      const addresses = (await connectionsOf(person)).flatMap(({ remoteCandidates }) => remoteCandidates);
      expect(addresses.length).toBeGreaterThan(0);
      expect(addresses.filter((address) => !isAt(serverForTest.mediaPorts, address))).toEqual([]);
      const methods = person.signaling.messages.map(({ method }) => method);
      expect(methods.filter((method) => method.startsWith('direct.'))).toEqual([]);
    }
  });
});
