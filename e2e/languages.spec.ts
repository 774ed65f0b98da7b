import { expect, test } from './harness/fixtures.ts';

test('a German browser gets German', async ({ people, room }) => {
  const ada = await people.open('Ada', { context: { locale: 'de-DE' } });
  await ada.page.goto('/');
  await expect(ada.page.locator('html')).toHaveAttribute('lang', /^de/);
  await expect(ada.page.getByRole('button', { name: 'Neuer Raum' })).toBeVisible();
  await ada.page.goto(room.path);
  await expect(ada.page.getByRole('button', { name: 'Jetzt beitreten' })).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Join now' })).toBeHidden();
  await ada.page.screenshot({ path: 'test-results/prejoin-german.png' });
});

test('any other browser gets English', async ({ people }) => {
  const ada = await people.open('Ada', { context: { locale: 'fi-FI' } });
  await ada.page.goto('/');
  await expect(ada.page.locator('html')).toHaveAttribute('lang', /^en/);
  await expect(ada.page.getByRole('button', { name: 'New room' })).toBeVisible();
});
