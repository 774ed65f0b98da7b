import { AxeBuilder } from '@axe-core/playwright';
import { makeClip } from './harness/clip.ts';
import { expect, test } from './harness/fixtures.ts';
import { startObs } from './harness/obs.ts';

/** One key frame in ten seconds. */
const clip = makeClip(10, { keyFrameEvery: 10 });
test.afterAll(() => clip?.remove());

test('the host is told that key frames come seldom, and what to change in OBS', async ({ people, serverForTest }) => {
  test.skip(
    clip === undefined,
    'SKIP: no ffmpeg with libx264 and libopus on this machine, so there is nothing to send',
  );
  if (!clip) return;
  test.setTimeout(120_000);
  const room = await serverForTest.createRoom();
  const hanna = await people.open('Hanna');
  await hanna.goTo(room.hostPath);
  await hanna.join();
  const obs = await startObs({
    url: `${serverForTest.origin}/whip/${room.id}`,
    key: serverForTest.streamKey(room),
    clip,
  });
  test.skip(obs === undefined, 'SKIP: node-datachannel has no binary for this machine');
  if (!obs) return;
  try {
    await hanna.press('Live');
    await hanna.page.getByRole('button', { name: 'What arrives?' }).click();
    const dialog = hanna.page.getByRole('dialog', { name: 'What arrives on the server' });
    const track = (name: string, source: string) =>
      dialog.locator(`[data-testid=ingest-track][data-name="${name}"][data-source="${source}"]`);
    const picture = track('Studio', 'camera');
    // It is known with a key frame, of which there is one in ten seconds; whoever lost one waits for the next but one.
    await expect(picture).toContainText('640 × 360', { timeout: 40_000 });
    await expect(picture).toContainText('H.264 Baseline');
    await expect(picture.locator('[data-problem=key-frames]')).toContainText('Your key-frame interval is 10 s', {
      timeout: 30_000,
    });
    await expect(picture.locator('[data-problem=key-frames]')).toContainText('Keyframe Interval to 2 s');
    // Its sound is silence, which is said too; and of the host, who sends from a browser, nothing of key frames.
    await expect(track('Studio', 'microphone').locator('[data-problem=quiet]')).toBeVisible();
    await expect(track('Hanna', 'camera')).toContainText('VP8');
    await expect(track('Hanna', 'camera').locator('[data-problem=key-frames]')).toHaveCount(0);
    await hanna.page.screenshot({ path: 'test-results/ingest.png' });
    const { violations } = await new AxeBuilder({ page: hanna.page }).include('dialog').analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    await hanna.page.emulateMedia({ colorScheme: 'dark' });
    await hanna.page.setViewportSize({ width: 390, height: 800 });
    await hanna.page.screenshot({ path: 'test-results/ingest-phone.png' });
  } finally {
    obs.kill();
  }
});
