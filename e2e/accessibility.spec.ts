import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/fixtures.ts';
import type { Person } from './harness/person.ts';

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** Has axe look at a page in both colour schemes, one after the other: the way to it is the same, and long. */
async function look(page: Page, name: string, device: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await seriousViolations(page), `${name}, ${colorScheme}`).toEqual([]);
    await page.screenshot({ path: `test-results/${name}-${colorScheme}-${device}.png` });
  }
}

for (const [device, viewport] of [
  ['desktop', { width: 1280, height: 720 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  const context = { viewport, reducedMotion: 'reduce' as const };
  test(`axe finds nothing serious at the door and in what hosts use: ${device}`, async ({ people, serverForTest }) => {
    // Some fifteen screens, each looked at by axe.
    test.setTimeout(180_000);
    const room = await serverForTest.createRoom({ policy: { lobby: true } });
    const locked = await serverForTest.createRoom({ policy: { password: 'open sesame' } });
    const ada = await people.open('Ada', { context });
    const ben = await people.open('Ben', { context });
    const check = ({ page }: Person, name: string) => look(page, `access-${name}`, device);
    const button = ({ page }: Person, name: string) => page.getByRole('button', { name, exact: true });
    const closeDialog = async () => {
      await ada.page.keyboard.press('Escape');
      await expect(ada.page.getByRole('dialog')).toBeHidden();
    };
    const openDialog = async (name: string) => {
      await ada.press(device === 'phone' ? 'More' : 'Host controls');
      await ada.page.getByRole('menuitem', { name }).click();
      await expect(ada.page.getByRole('dialog')).toBeVisible();
    };

    await ada.page.goto('/');
    await button(ada, 'Options').click();
    await expect(ada.page.getByRole('dialog')).toBeVisible();
    await check(ada, 'create');

    await ben.page.goto(locked.path);
    await expect(ben.page.getByLabel('Password of the room')).toBeVisible();
    await ben.page.getByRole('textbox', { name: 'Your name' }).fill('Ben');
    await ben.page.getByLabel('Password of the room').fill('open barley');
    await ben.joinButton.click();
    await expect(ben.page.getByText('That is not the password')).toBeVisible();
    await check(ben, 'password');

    await ada.goTo(room.hostPath);
    await ada.join({ camera: false });
    await ben.page.goto(room.path);
    await button(ben, 'Ask to join').click();
    await expect(ben.page.getByTestId('waiting')).toBeVisible();
    await expect(ada.page.getByText('Ben wants to come in')).toBeVisible();
    await check(ada, 'knock');
    if (device === 'phone') await ada.chooseFromMenu('People');
    else await ada.press('People');
    await button(ada, 'Write to Ben').click();
    await ada.page.getByRole('textbox', { name: 'Message to Ben' }).fill('Just a moment, please');
    await check(ada, 'people-lobby');
    await button(ada, 'Send').click();
    await expect(ben.page.getByText('Just a moment, please')).toBeVisible();
    await check(ben, 'waiting');
    await button(ada, 'Turn Ben away').click();
    await expect(ben.page.getByText('You were not let in')).toBeVisible();
    await check(ben, 'denied');
    await button(ben, 'Ask again').click();
    await button(ada, 'Admit Ben').click();
    await expect(ben.toolbar).toBeVisible();

    await button(ada, 'Options for Ben').click();
    await check(ada, 'person-menu');
    await ada.page.getByRole('menuitem', { name: 'Rights…' }).click();
    await expect(ada.page.getByRole('dialog')).toBeVisible();
    await check(ada, 'rights');
    await closeDialog();
    await ben.press('Mute');
    await button(ada, 'Options for Ben').click();
    await ada.page.getByRole('menuitem', { name: 'Ask to unmute' }).click();
    await expect(ben.page.getByRole('dialog')).toBeVisible();
    await check(ben, 'asked');
    await ben.page.keyboard.press('Escape');
    await button(ada, 'Options for Ben').click();
    await ada.page.getByRole('menuitemradio', { name: 'Make Attendee' }).click();
    await expect(ben.page.getByText('You are now: Attendee')).toBeVisible();
    await check(ben, 'attendee');

    if (device === 'phone') await button(ada, 'Close panel').click();
    for (const [item, name] of [
      ['Room settings', 'room'],
      ['Log', 'audit'],
      ['Banned people', 'bans'],
    ] as const) {
      await openDialog(item);
      await check(ada, name);
      await closeDialog();
    }
    await ada.press('Leave');
    await check(ada, 'leave');
  });

  test(`axe finds nothing serious: ${device}`, async ({ people, room }) => {
    const ada = await people.open('Ada', { context });
    await ada.page.goto('/');
    await expect(ada.page.getByRole('button', { name: 'New room' })).toBeVisible();
    await look(ada.page, 'landing', device);

    await ada.goTo(room.path);
    await expect(ada.networkCheck).toHaveAttribute('data-state', 'ok');
    await look(ada.page, 'prejoin', device);

    await people.join('Ben', room);
    await ada.join();
    await ada.seeing('Ben');
    await look(ada.page, 'call', device);

    await ada.press('Chat');
    await look(ada.page, 'chat', device);
  });
}

test('the way into a call and out of it needs no mouse', async ({ people, room }) => {
  const ada = await people.visit('Ada', room);
  const focusOn = async (name: string) => {
    const focused = ada.page.locator(':focus');
    for (let presses = 0; presses < 40; presses += 1) {
      await ada.page.keyboard.press('Tab');
      if ((await focused.count()) === 1 && (await focused.and(ada.page.getByRole('button', { name })).count()) === 1)
        return;
    }
    throw new Error(`Tab does not lead to ${name}.`);
  };
  await ada.page.getByRole('textbox', { name: 'Your name' }).focus();
  await ada.page.keyboard.type('Ada');
  await focusOn('Join now');
  await ada.page.keyboard.press('Enter');
  await expect(ada.toolbar).toBeVisible();
  await focusOn('Leave');
  await ada.page.keyboard.press('Enter');
  await expect(ada.toolbar).toBeHidden();
});
