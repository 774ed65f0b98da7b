import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/fixtures.ts';

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

async function signIn(page: Page, secret: string): Promise<void> {
  await page.getByLabel('Admin secret').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('who runs the server sees what happens on it, and can end a room', async ({ people, room, serverForTest }) => {
  test.setTimeout(150_000);
  const admin = await people.open('Admin', { context: { viewport: { width: 1280, height: 900 } } });
  const { page } = admin;
  await page.goto('/admin');
  await signIn(page, 'a wrong guess');
  await expect(page.getByRole('alert')).toHaveText('This is not the admin secret.');
  expect(await seriousViolations(page), 'sign-in').toEqual([]);
  await page.screenshot({ path: 'test-results/admin-sign-in.png' });

  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room, { camera: false });
  await people.join('Cem', room, { camera: false });
  await signIn(page, serverForTest.adminSecret);
  await expect(page.getByRole('heading', { name: 'Administration' })).toBeVisible();
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: room.id }) });
  await expect(row.getByRole('cell').first()).toHaveText('3');
  // Media flows through the server, and so there are figures of it.
  await expect(row).toContainText(/[1-9][\d.,]* [kM]bit\/s/);
  await expect(page.getByRole('heading', { name: 'Worker 2' })).toBeVisible();
  expect(await seriousViolations(page), 'dashboard').toEqual([]);
  await page.screenshot({ path: 'test-results/admin.png', fullPage: true });
  expect(page.url(), 'no secret in the address').toBe(`${serverForTest.origin}/admin`);
  expect(
    await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage })),
    'nor for scripts',
  ).not.toMatch(/amphi-admin|[0-9a-f]{64}/);

  await page.reload();
  await row.getByRole('button', { name: `End ${room.id}` }).click();
  await expect(page.getByRole('dialog')).toContainText('3 people');
  await page.getByRole('button', { name: 'End for everybody' }).click();
  await expect(page.getByText(`The room ${room.id} has ended.`)).toBeVisible();
  await expect(ada.toolbar).toBeHidden();
  await expect(ben.toolbar).toBeHidden();
  await expect(row).toHaveCount(0);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Admin secret')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Admin secret')).toBeVisible();
});

test('the admin page is there in German, on a phone and in the dark', async ({ people, serverForTest }) => {
  const context = { locale: 'de-DE', viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const };
  const { page } = await people.open('Admin', { context });
  await page.goto('/admin');
  await page.getByLabel('Verwaltungsschlüssel').fill(serverForTest.adminSecret);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await expect(page.getByRole('heading', { name: 'Verwaltung' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, 'pixels that stand out to the side').toBeLessThanOrEqual(0);
  await page.screenshot({ path: 'test-results/admin-phone.png', fullPage: true });
});
