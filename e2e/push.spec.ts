import { AxeBuilder } from '@axe-core/playwright';
import { look } from '../server/test/support/rtmp/look.ts';
import { hasNginxRtmp, NginxRtmp } from '../server/test/support/rtmp/nginx.ts';
import { makeClip } from './harness/clip.ts';
import { expect, test } from './harness/fixtures.ts';
import { startObs } from './harness/obs.ts';
import { newStreamKey, openStudio } from './harness/studio.ts';

const GOOD = 'good-key-of-the-channel-4711';
const WRONG = 'wrong-key-of-the-channel-0815';

test.use({
  serverEnv: { AMPHI_PUSH_ALLOWED: '127.0.0.0/8' },
  serverForTest: async ({ ownServer }, use) => use(ownServer),
});

test('what is on stage goes on to an RTMP server; a wrong key is said within seconds, and is in no log', async ({
  people,
  ownServer,
  measured,
}) => {
  test.setTimeout(180_000);
  test.skip(!hasNginxRtmp, 'SKIP: no RTMP server. Cure: apt-get install nginx libnginx-mod-rtmp');
  const clip = makeClip(10);
  test.skip(clip === undefined, 'SKIP: no ffmpeg with libx264 and libopus on this machine');
  if (!clip) return;
  const nginx = await NginxRtmp.start(new Set([GOOD]));
  const room = await ownServer.createRoom();
  const { hanna, panel } = await openStudio(people, room);
  const { key, url } = await newStreamKey(panel);
  await panel.getByText('Send with OBS or another program').click();
  const obs = await startObs({ url, key, clip });
  test.skip(obs === undefined, 'SKIP: node-datachannel has no binary for this machine');

  const add = async (name: string, channelKey: string) => {
    await panel.getByRole('button', { name: 'Add a service' }).click();
    await panel.getByLabel('Service').selectOption({ label: 'Another RTMP server' });
    await panel.locator('.push-form').getByLabel('Name', { exact: true }).fill(name);
    await panel.getByLabel('Server address').fill(nginx.url());
    await panel.locator('.push-form').getByLabel('Stream key').fill(channelKey);
    if (name === 'Town hall') await hanna.page.screenshot({ path: 'test-results/push-form.png' });
    await panel.getByRole('button', { name: 'Save' }).click();
    await expect(panel.getByRole('listitem').filter({ hasText: name })).toContainText(`key …${channelKey.slice(-4)}`);
  };
  try {
    await panel.getByText('Send on to other services').click();
    await add('Town hall', GOOD);
    await add('Radio', WRONG);
    const [good, wrong] = ['Town hall', 'Radio'].map((name) => panel.getByRole('listitem').filter({ hasText: name }));
    if (!good || !wrong) return;
    await expect(good).toContainText('Off');

    await panel.getByRole('button', { name: 'Go live' }).click();
    const since = performance.now();
    await expect(wrong).toContainText('The service refused the stream key', { timeout: 15_000 });
    measured('from "Go live" to what is wrong with a key, ms', Math.round(performance.now() - since));
    await expect(wrong).toContainText('Failed', { timeout: 15_000 });
    await expect(good.getByRole('status')).toHaveText('Live', { timeout: 20_000 });
    measured('from "Go live" to a push that is live, ms', Math.round(performance.now() - since));

    const seen = await look(`${nginx.url()}/${GOOD}`, 3);
    expect(seen.size).toBe('640x360');
    expect(seen.pictures).toBeGreaterThan(25);
    expect(seen.soundMs).toBeGreaterThan(2000);

    await good.scrollIntoViewIfNeeded();
    await hanna.page.screenshot({ path: 'test-results/push-live.png' });
    await hanna.page.emulateMedia({ colorScheme: 'dark' });
    await hanna.page.setViewportSize({ width: 390, height: 800 });
    await wrong.scrollIntoViewIfNeeded();
    await hanna.page.screenshot({ path: 'test-results/push-phone.png' });
    const { violations } = await new AxeBuilder({ page: hanna.page }).include('.live-panel').analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);

    await nginx.kill();
    await expect(good).toContainText('Trying again', { timeout: 15_000 });
    await nginx.up();
    await expect(good.getByRole('status')).toHaveText('Live', { timeout: 40_000 });

    await good.getByRole('button', { name: 'Stop: Town hall' }).press('Enter');
    await expect(good.getByRole('status')).toHaveText('Off');
    for (const secret of [GOOD, WRONG]) {
      expect(ownServer.output).not.toContain(secret);
      await expect(panel).not.toContainText(secret);
    }
  } finally {
    obs?.kill();
    clip.remove();
    await nginx.close();
  }
});
