import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './harness/fixtures.ts';
import { joinAsHost } from './harness/host.ts';
import { startRecording } from './harness/recordings.ts';

// A server of the test's own: its recordings are looked at on the disk.
test.use({ serverForTest: async ({ ownServer }, use) => use(ownServer) });

/** What a page looks like, light on a desktop and dark on a phone; axe finds nothing serious in either. */
async function look(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const [device, viewport, colorScheme] of [
    ['desktop', { width: 1280, height: 860 }, 'light'],
    ['phone', { width: 390, height: 844 }, 'dark'],
  ] as const) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: `test-results/library-${name}-${device}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    expect(found, `${name}, ${colorScheme}, ${device}`).toEqual([]);
  }
  if (before) await page.setViewportSize(before);
}

const decoded = (video: Locator) =>
  video.evaluate((element) => (element as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);
const timeOf = (video: Locator) => video.evaluate((element) => (element as HTMLVideoElement).currentTime);

/** A film whose link ends while it is watched, as it does after some minutes, goes on with another one where it was. */
async function outlivesItsLink(page: Page, path: string): Promise<void> {
  let first: string | undefined;
  const answers: string[] = [];
  await page.route(/\/recordings\/.*\.mp4\?/, async (route) => {
    const url = route.request().url();
    first ??= url;
    if (url !== first) {
      answers.push('renewed');
      return route.continue();
    }
    const whole = await (await route.fetch({ headers: { range: 'bytes=0-' } })).body();
    // The beginning with all that says where things are; then the link is no longer good.
    const end = Math.floor(whole.length / 2);
    if (!answers.includes('beginning')) {
      answers.push('beginning');
      const headers = { 'content-range': `bytes 0-${end - 1}/${whole.length}`, 'accept-ranges': 'bytes' };
      return route.fulfill({ status: 206, contentType: 'video/mp4', headers, body: whole.subarray(0, end) });
    }
    // What fails sooner after its link was given out is taken for broken.
    await page.waitForTimeout(21_000);
    answers.push('over');
    return route.fulfill({ status: 404 });
  });
  await page.goto(path);
  await page.getByRole('button', { name: /^Recording of/ }).click();
  const player = page.getByRole('region', { name: 'Player' });
  await player.getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => answers, { timeout: 40_000 }).toEqual(expect.arrayContaining(['over', 'renewed']));
  const at = await timeOf(player.locator('video'));
  await expect.poll(() => timeOf(player.locator('video')), { timeout: 15_000 }).toBeGreaterThan(Math.max(at, 1));
  await expect(player.getByRole('alert')).toHaveCount(0);
  await page.unroute(/\/recordings\/.*\.mp4\?/);
}

test('a recording is found outside of the call, watched, shared with a password, and deleted with its links', async ({
  people,
  room,
  serverForTest: server,
}) => {
  test.setTimeout(300_000);
  const ada = await joinAsHost(people, 'Ada', room);
  await startRecording(ada);
  await expect(ada.page.getByText('Recording, started by Ada').first()).toBeVisible();
  await ada.page.waitForTimeout(2500);
  const ben = await people.join('Ben', room);
  await ben.seeing('Ada');
  await ben.page.waitForTimeout(5000);
  await ada.page.getByRole('button', { name: 'Stop recording' }).click();
  const all = ada.page.getByRole('link', { name: 'All recordings' });
  await expect(all).toHaveAttribute('href', `${room.path}/recordings`);
  await Promise.all([ada.page.close(), ben.page.close()]);

  // Another browser, which never was in the call.
  const host = await people.open('Host');
  const ranges: number[] = [];
  host.page.on('response', (response) => {
    if (/\/recordings\/.*\.mp4\?/.test(response.url())) ranges.push(response.status());
  });
  await host.page.goto(room.hostPath.replace('#', '/recordings#'));
  const card = host.page.getByRole('article');
  await expect(card).toHaveCount(1, { timeout: 30_000 });
  await expect(card).toContainText('Ada, Ben');
  expect(new URL(host.page.url()).hash).toBe('');
  await expect(card.locator('img')).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => card.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(640);
  await look(host.page, 'overview');

  await card.getByRole('button', { name: /^Recording of/ }).click();
  const player = host.page.getByRole('region', { name: 'Player' });
  await expect(player).toBeVisible({ timeout: 120_000 });
  const video = player.locator('video');
  await player.getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => decoded(video), { timeout: 15_000 }).toBeGreaterThan(20);
  await host.page.keyboard.press('k');
  await expect(player.getByRole('button', { name: 'Play' })).toBeVisible();
  await host.page.keyboard.press('Home');
  await expect.poll(() => timeOf(video)).toBe(0);
  await host.page.keyboard.press('ArrowRight');
  await expect.poll(() => timeOf(video)).toBeCloseTo(5, 1);
  const chapter = host.page.getByRole('button', { name: /Ben joins/ });
  const [, minutes, seconds] = /(\d+):(\d\d)$/.exec((await chapter.textContent()) ?? '') ?? [];
  await chapter.click();
  await expect
    .poll(async () => Math.floor(await timeOf(video)), { message: 'the player is where Ben joins' })
    .toBe(Number(minutes) * 60 + Number(seconds));
  await player.getByLabel('Speed').selectOption('2');
  expect(await video.evaluate((element) => (element as HTMLVideoElement).playbackRate)).toBe(2);
  expect(ranges.length).toBeGreaterThan(0);
  expect(new Set(ranges)).toEqual(new Set([206]));
  const later = await people.open('Later');
  await outlivesItsLink(later.page, room.hostPath.replace('#', '/recordings#'));
  await later.page.close();
  await player.getByRole('slider', { name: 'Position' }).hover();
  await look(host.page, 'recording');

  await host.page.getByLabel('Password (optional)').fill('open sesame');
  await host.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await host.page.getByLabel('Link to the recording').inputValue();
  expect(link).toMatch(new RegExp(`^${server.origin}/s/[0-9a-f]{24}#[\\w-]{32}$`));

  const stranger = await people.open('Stranger');
  await stranger.page.goto(link);
  await stranger.page.getByLabel('Password').fill('open barley');
  await stranger.page.getByRole('button', { name: 'Watch' }).click();
  await expect(stranger.page.getByText('That is not the password.')).toBeVisible();
  await stranger.page.getByLabel('Password').fill('open sesame');
  await stranger.page.getByRole('button', { name: 'Watch' }).click();
  const shown = stranger.page.getByRole('region', { name: 'Player' });
  await shown.getByRole('button', { name: 'Play' }).click();
  await expect.poll(() => decoded(shown.locator('video')), { timeout: 15_000 }).toBeGreaterThan(20);
  // No track of anybody, and nothing by which a stranger would get into the room.
  await expect(stranger.page.getByText('Tracks as they were sent')).toBeHidden();
  expect(await stranger.page.content()).not.toContain(room.id);
  await look(stranger.page, 'shared');

  await host.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(host.page.getByText('Nothing has been recorded in this room yet.')).toBeVisible();
  expect(await readdir(join(server.dataDir, 'recordings'))).toEqual([]);
  await stranger.page.reload();
  await expect(stranger.page.getByRole('heading', { name: 'This link is no longer good' })).toBeVisible();
});

test('who is no host of the room is told so, and sees nothing', async ({ people, room }) => {
  const guest = await people.open('Guest');
  await guest.page.goto(`${room.path}/recordings`);
  await expect(guest.page.getByRole('heading', { name: 'These recordings are for the hosts' })).toBeVisible();
  await guest.page.goto('/r/no-such-room/recordings');
  await expect(guest.page.getByRole('heading', { name: 'There is no such room' })).toBeVisible();
});
