import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './harness/fixtures.ts';
import { joinAsHost } from './harness/host.ts';
import { isThere } from './harness/recordings.ts';

// A server of the test's own: its recordings are looked at.
test.use({ serverForTest: async ({ ownServer }, use) => use(ownServer) });

test('a film that is made while it is recorded can be watched right after the stop', async ({
  people,
  room,
  serverForTest: server,
  measured,
}) => {
  test.setTimeout(180_000);
  const ada = await joinAsHost(people, 'Ada', room);
  await people.join('Ben', room);
  await ada.press('Recording');
  await ada.page.getByLabel('The film shows').selectOption('Whoever speaks, large');
  await ada.page.getByRole('switch', { name: 'Have the film ready at the end' }).check();
  await ada.page.screenshot({ path: 'test-results/recording-live-option.png' });
  await ada.page.getByRole('button', { name: 'Start recording' }).click();
  await expect(ada.page.getByText('The film is being made meanwhile.')).toBeVisible();
  const recordings = join(server.dataDir, 'recordings');
  const fileOf = async (name: string) => join(recordings, (await readdir(recordings))[0] ?? '', name);
  const liveBytes = async () => (await stat(await fileOf('live.mp4')).catch(() => undefined))?.size ?? 0;
  await expect.poll(liveBytes, { timeout: 60_000 }).toBeGreaterThan(300_000);
  await ada.page.screenshot({ path: 'test-results/recording-live.png' });
  await ada.page.getByRole('button', { name: 'Stop recording' }).click();
  const stoppedAt = performance.now();
  const isMade = async () => isThere(await fileOf('film-speaker-720.mp4'));
  await expect.poll(isMade, { timeout: 60_000, intervals: [100] }).toBe(true);
  measured('from the stop to the film, ms', Math.round(performance.now() - stoppedAt));
  await expect.poll(liveBytes).toBe(0);
  await ada.page.getByRole('button', { name: 'Play' }).click();
  const video = ada.page.locator('.recording-entry video');
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime)).toBeGreaterThan(1);
});
