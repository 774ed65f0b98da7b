import { expect, test } from './harness/fixtures.ts';

const UNGUESSABLE_BITS = 80;

test('a new room gets an unguessable name that can be read out', async ({ people }) => {
  const ada = await people.open('Ada');
  await ada.page.goto('/');
  await ada.page.screenshot({ path: 'test-results/landing.png' });
  await ada.page.getByRole('button', { name: 'New room' }).click();
  await expect(ada.joinButton).toBeVisible();
  const name = new URL(ada.page.url()).pathname.replace('/r/', '');
  expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
  // Proquints: five letters for 16 bits.
  expect(Math.floor(name.replaceAll('-', '').length / 5) * 16).toBeGreaterThanOrEqual(UNGUESSABLE_BITS);
});

test('two people meet in a room with a name of their own', async ({ people }) => {
  const name = `our-own-room-${Date.now()}`;
  const ada = await people.open('Ada');
  await ada.page.goto('/');
  await ada.page.getByRole('button', { name: 'Options' }).click();
  await ada.page.getByRole('textbox', { name: 'Your own link' }).fill(name);
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await ada.join();
  expect(new URL(ada.page.url()).pathname).toBe(`/r/${name}`);

  const ben = await people.open('Ben');
  await ben.page.goto('/');
  await ben.page.getByRole('textbox', { name: 'Room name' }).fill(name);
  await ben.page.getByRole('button', { name: 'Join', exact: true }).click();
  await ben.join();
  await expect(ada.tile('Ben')).toBeVisible();
  await expect(ben.tile('Ada')).toBeVisible();
});

test('the link of a room leads into it', async ({ people, room }) => {
  const ada = await people.join('Ada', room);
  const ben = await people.open('Ben');
  await ben.page.goto('/');
  await ben.page.getByRole('textbox', { name: 'Room name' }).fill(ada.page.url());
  await ben.page.getByRole('button', { name: 'Join', exact: true }).click();
  await ben.join();
  await expect(ben.tile('Ada')).toBeVisible();
});

test('a room that does not exist is said not to, and can be opened', async ({ people }) => {
  const name = `not-yet-${Date.now()}`;
  const ada = await people.open('Ada');
  await ada.page.goto(`/r/${name}`);
  await expect(ada.page.getByText(`There is no room “${name}” now`)).toBeVisible();
  await ada.page.screenshot({ path: 'test-results/no-such-room.png' });
  await ada.page.getByRole('button', { name: 'Open this room' }).click();
  await ada.join();
  expect(new URL(ada.page.url()).pathname).toBe(`/r/${name}`);
});

test('a name that cannot be one is refused in words', async ({ people }) => {
  const ada = await people.open('Ada');
  await ada.page.goto('/');
  await ada.page.getByRole('textbox', { name: 'Room name' }).fill('!');
  await ada.page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(ada.page.getByText('3 to 64 letters, digits and dashes')).toBeVisible();
});
