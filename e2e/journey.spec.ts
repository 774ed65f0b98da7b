import { expect, test } from './harness/fixtures.ts';

// Small pictures, so that what is measured is the change of path and not a processor that is too busy with three people.
test.use({
  serverEnv: { AMPHI_MEDIA_CAMERA_HEIGHT: '270', AMPHI_MEDIA_CAMERA_MAX_BITRATE: '400000' },
  serverForTest: async ({ ownServer }, use) => use(ownServer),
  viewport: { width: 800, height: 450 },
});

/** Nobody calls this a hang yet; what is measured is printed. */
const LONGEST_GAP_MS = 1500;
/** How long after a change of path gaps still count as its own. */
const SETTLED_MS = 3000;

test('direct for two, server for three, direct again, without a gap', async ({ people, room, measured }) => {
  test.setTimeout(90_000);
  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room);
  await Promise.all([ada.expectPath('Ben', 'direct'), ben.expectPath('Ada', 'direct')]);
  await Promise.all([ada.seeing('Ben'), ben.seeing('Ada'), ada.hearing('Ben'), ben.hearing('Ada')]);

  const views = await Promise.all([ada.watch('Ben'), ben.watch('Ada')]);
  const ears = await Promise.all([ada.listenTo('Ben'), ben.listenTo('Ada')]);
  const longest = async (meters: typeof views) =>
    Math.max(...(await Promise.all(meters.map(async (meter) => (await meter.read()).longestGapMs))));

  const stretch = async (what: string, work: () => Promise<void>) => {
    // A meter's first moments are without a frame.
    await ada.page.waitForTimeout(1000);
    await Promise.all([...views, ...ears].map((meter) => meter.reset()));
    await work();
    await ada.page.waitForTimeout(SETTLED_MS);
    const [freeze, silence] = [await longest(views), await longest(ears)];
    measured(`${what}: longest freeze, ms`, freeze);
    measured(`${what}: longest audio gap, ms`, silence);
    expect(freeze, `longest freeze, ${what}`).toBeLessThan(LONGEST_GAP_MS);
    expect(silence, `longest audio gap, ${what}`).toBeLessThan(LONGEST_GAP_MS);
  };

  await stretch('two, direct', () => ada.page.waitForTimeout(1000));

  const cleo = await people.visit('Cleo', room);
  await stretch('third joins', async () => {
    await cleo.join();
    await Promise.all([ada.seeing('Cleo'), ben.seeing('Cleo'), cleo.seeing('Ada'), cleo.seeing('Ben')]);
    await Promise.all([ada.expectPath('Ben', 'sfu'), ben.expectPath('Ada', 'sfu'), cleo.expectPath('Ada', 'sfu')]);
  });
  await Promise.all([cleo.hearing('Ada'), cleo.hearing('Ben'), ada.hearing('Cleo')]);

  await stretch('third leaves', async () => {
    const since = performance.now();
    await cleo.leave();
    await expect(ada.tile('Cleo')).toBeHidden();
    await Promise.all([ada.expectPath('Ben', 'direct'), ben.expectPath('Ada', 'direct')]);
    measured('direct again after, ms', Math.round(performance.now() - since));
  });
});
