import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';
import { layersSent } from './harness/rtc.ts';

test.use({
  // Between two, so that what one looks at is all that the other has to send.
  roomOptions: { policy: { direct: false } },
  // Browsers make three layers from 960x540 on.
  serverEnv: { AMPHI_MEDIA_CAMERA_HEIGHT: '540', AMPHI_MEDIA_CAMERA_MAX_BITRATE: '1200000' },
  serverForTest: async ({ ownServer }, use) => use(ownServer),
});

const BIG = { width: 1280, height: 720 };
const SMALL = { width: 360, height: 300 };

function layerOf(person: Person, name: string): Promise<number | null | undefined> {
  return person.inCall(
    ({ call }, wanted) => [...call.members.values()].find((member) => member.name === wanted)?.trackOf('camera')?.layer,
    name,
  );
}

/** As when another tab comes to the front; headless browsers show all of theirs at once. */
function setHidden(person: Person, hidden: boolean): Promise<void> {
  return person.page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (value ? 'hidden' : 'visible'),
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('what is sent is what is looked at', async ({ people, room, measured }) => {
  test.setTimeout(120_000);
  const ben = await people.join('Ben', room, { microphone: false });
  const ada = await people.join('Ada', room, { microphone: false, context: { viewport: BIG } });

  await test.step('a big tile gets the top layer', async () => {
    await ada.tile('Ben').hover();
    await ada.tile('Ben').getByRole('button', { name: 'Pin Ben' }).click();
    await expect.poll(() => layerOf(ada, 'Ben'), { timeout: 20_000 }).toBe(2);
    await expect.poll(async () => (await ada.seeing('Ben')).height, { timeout: 15_000 }).toBe(540);
    await expect.poll(() => layersSent(ben, 'video', 1000), { timeout: 15_000 }).toHaveLength(3);
  });

  await test.step('a small tile gets a lower one, and the publisher stops to send the rest', async () => {
    const since = performance.now();
    await ada.page.setViewportSize(SMALL);
    await expect.poll(() => layerOf(ada, 'Ben'), { timeout: 15_000 }).toBeLessThan(2);
    await expect.poll(async () => (await ada.seeing('Ben')).height, { timeout: 15_000 }).toBeLessThan(540);
    measured('lower layer after, ms', Math.round(performance.now() - since));
    await expect.poll(async () => (await layersSent(ben, 'video', 1000)).length, { timeout: 15_000 }).toBeLessThan(3);
    measured('dynacast took effect after, ms', Math.round(performance.now() - since));
  });

  await test.step('what nobody looks at is not sent', async () => {
    await setHidden(ada, true);
    await expect.poll(() => layersSent(ben, 'video', 1000), { timeout: 20_000 }).toEqual([]);
  });

  await test.step('all comes back', async () => {
    const since = performance.now();
    await setHidden(ada, false);
    await ada.page.setViewportSize(BIG);
    await ada.seeing('Ben');
    measured('picture back after, ms', Math.round(performance.now() - since));
    await expect.poll(async () => (await ada.seeing('Ben')).height, { timeout: 20_000 }).toBe(540);
  });
});
