import { expect, test } from './harness/fixtures.ts';

const NOTICED_WITHIN_MS = 10_000;

test('who leaves is gone at once', async ({ people, room }) => {
  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room);
  await ada.seeing('Ben');
  await ben.leave();
  await expect(ada.tile('Ben')).toBeHidden({ timeout: 2000 });
  await expect(ada.tiles).toHaveCount(1);
});

test('a closed tab is noticed', async ({ people, room, measured }) => {
  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room);
  await ada.expectPath('Ben', 'direct');
  const since = performance.now();
  await ben.page.close({ runBeforeUnload: false });
  await expect(ada.tile('Ben')).toBeHidden({ timeout: NOTICED_WITHIN_MS });
  measured('closed tab gone after, ms', Math.round(performance.now() - since));
});

for (const direct of [true, false]) {
  test.describe(`${direct ? 'directly' : 'over the server'} connected`, () => {
    test.use({ roomOptions: { policy: { direct } } });

    test('a tab that crashes is noticed', async ({ people, room, measured }) => {
      const ada = await people.join('Ada', room);
      const ben = await people.join('Ben', room);
      await ada.seeing('Ben');
      await ada.expectPath('Ben', direct ? 'direct' : 'sfu');
      const devtools = await ben.context.newCDPSession(ben.page);
      const crashed = ben.page.waitForEvent('crash');
      const since = performance.now();
      // Its answer never comes: the page that would give it is dead.
      void devtools.send('Page.crash').catch(() => undefined);
      await crashed;
      await expect(ada.tile('Ben')).toBeHidden({ timeout: NOTICED_WITHIN_MS });
      measured('crashed tab gone after, ms', Math.round(performance.now() - since));
    });
  });
}
