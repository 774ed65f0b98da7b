import type { Locator } from '@playwright/test';
import { expect, test } from './harness/fixtures.ts';
import { joinAsHost } from './harness/host.ts';
import type { Person } from './harness/person.ts';

const button = (person: Person, name: string): Locator => person.page.getByRole('button', { name, exact: true });
const dialog = (person: Person): Locator => person.page.getByRole('dialog');
const rowOf = (person: Person, name: string): Locator =>
  person.page.locator(`[data-testid=person][data-name="${name}"]`);

async function fillName(person: Person): Promise<void> {
  await person.page.getByRole('textbox', { name: 'Your name' }).fill(person.name);
}

/** Chooses from the menu that a moderator has for somebody. */
async function choose(host: Person, name: string, item: string): Promise<void> {
  if (!(await rowOf(host, name).isVisible())) await host.press('People');
  await button(host, `Options for ${name}`).click();
  await host.page.getByRole('menu').getByText(item, { exact: true }).click();
}

async function chooseForRoom(host: Person, item: string): Promise<void> {
  await host.press('Host controls');
  await host.page.getByRole('menuitem', { name: item }).click();
}

/** What the server answers to a request that the page itself would not make. */
function codeOf(person: Person, method: string, data: object = {}): Promise<string> {
  return person.inCall(
    ({ call }, [name, input]) =>
      call.request(name, input).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    [method, data] as const,
  );
}

test('a new room makes its creator the host, and the key stays out of the links', async ({ people, room }) => {
  const ada = await people.open('Ada');
  await ada.page.goto('/');
  await button(ada, 'New room').click();
  await expect(ada.page.getByText('You come in as a host')).toBeVisible();
  await ada.join({ camera: false });
  expect(new URL(ada.page.url()).hash).toBe('');
  await expect(ada.page.getByRole('textbox', { name: 'Link to this room' })).toHaveValue(ada.page.url());
  await button(ada, 'Invite').click();
  await expect(dialog(ada).getByRole('textbox', { name: 'Host link' })).toHaveValue(/#host=.{20,}$/);
  await ada.page.keyboard.press('Escape');

  // The link of another room's host, opened by somebody else.
  const ben = await people.open('Ben');
  await ben.goTo(room.hostPath);
  expect(new URL(ben.page.url()).hash).toBe('');
  await ben.join({ camera: false });
  expect(await ben.inCall(({ call }) => call.self?.role, null)).toBe('host');
});

test('a host link that is not valid makes a guest, and says so', async ({ people, room }) => {
  const ben = await people.open('Ben');
  await ben.goTo(`${room.path}#host=${'x'.repeat(32)}`);
  await expect(ben.page.getByText('The host link of this room is not valid any more')).toBeVisible();
  await ben.join({ camera: false });
  expect(await ben.inCall(({ call }) => call.self?.role, null)).toBe('speaker');
});

test.describe('in front of a lobby', () => {
  test.use({ roomOptions: { policy: { lobby: true } } });

  test('people get nothing until a host lets them in', async ({ people, room }) => {
    const ada = await joinAsHost(people, 'Ada', room, { camera: false });
    const ben = await people.open('Ben');
    await ben.page.goto(room.path);
    await fillName(ben);
    await button(ben, 'Ask to join').click();
    await expect(ben.page.getByTestId('waiting')).toContainText('Here to let you in: Ada.');

    // Nothing of the room comes to somebody who waits, whatever the page asks for.
    for (const method of ['media.prepare', 'relay.renew']) expect(await codeOf(ben, method), method).toBe('forbidden');
    for (const method of ['chat.history', 'session.sync']) expect(await codeOf(ben, method), method).not.toBe('ok');
    expect(await codeOf(ben, 'join', { name: 'Ben', rtpCapabilities: { codecs: [], headerExtensions: [] } })).toBe(
      'lobby',
    );
    expect(await ben.inCall(({ call }) => [call.members.size, call.network.state], null)).toEqual([0, 'unknown']);
    // The devices can be tried meanwhile.
    await expect(ben.page.locator('.preview video')).toBeVisible();

    await expect(ada.page.getByText('Ben wants to come in')).toBeVisible();
    await ada.press('People');
    await button(ada, 'Write to Ben').click();
    await ada.page.getByRole('textbox', { name: 'Message to Ben' }).fill('Five more minutes');
    await button(ada, 'Send').click();
    await expect(ben.page.getByText('Five more minutes')).toBeVisible();
    await button(ada, 'Turn Ben away').click();
    await expect(ben.page.getByText('You were not let in')).toBeVisible();

    await button(ben, 'Ask again').click();
    await button(ada, 'Admit Ben').click();
    await expect(ben.toolbar).toBeVisible();
    await ada.seeing('Ben');
    await expect(ada.page.getByTestId('waiting-person')).toBeHidden();
  });

  test('a host lets in all at once, and opens the door for good', async ({ people, room }) => {
    const ada = await joinAsHost(people, 'Ada', room, { camera: false });
    const [ben, cleo] = [await people.open('Ben'), await people.open('Cleo')];
    for (const guest of [ben, cleo]) {
      await guest.page.goto(room.path);
      await fillName(guest);
      await button(guest, 'Turn off camera').click();
      await button(guest, 'Ask to join').click();
    }
    await ada.press('People');
    await button(ada, 'Admit all').click();
    await expect(ben.toolbar).toBeVisible();
    await expect(cleo.toolbar).toBeVisible();

    await cleo.leave();
    await chooseForRoom(ada, 'Room settings');
    await dialog(ada).getByRole('switch', { name: 'Guests wait in a lobby' }).uncheck();
    // Nobody has to ask any more.
    await cleo.goTo(room.path);
  });
});

test('the host says how long recordings of the room are kept', async ({ people, room }) => {
  const ada = await people.open('Ada');
  await ada.goTo(room.hostPath);
  await ada.join();
  await chooseForRoom(ada, 'Room settings');
  const days = dialog(ada).getByLabel('Days until recordings are deleted');
  const save = days.locator('xpath=ancestor::form').getByRole('button');
  await days.fill('5000');
  await expect(dialog(ada).getByText('Give a number from 1 to 3650')).toBeVisible();
  await expect(save).toBeDisabled();
  await days.fill('14');
  await ada.page.screenshot({ path: 'test-results/retention.png' });
  await days.press('Enter');
  // What is saved is what the server answered.
  await expect(save).toBeDisabled();
  await ada.page.keyboard.press('Escape');
  await chooseForRoom(ada, 'Room settings');
  await expect(days).toHaveValue('14');
  await days.fill('');
  await days.press('Enter');
  await expect(save).toBeDisabled();
});

test.describe('with a password', () => {
  test.use({ roomOptions: { policy: { password: 'open sesame' } } });

  test('a wrong one is said to be wrong, and the right one opens', async ({ people, room }) => {
    const ben = await people.visit('Ben', room);
    await fillName(ben);
    await button(ben, 'Turn off camera').click();
    await ben.page.getByLabel('Password of the room').fill('open barley');
    await ben.joinButton.click();
    await expect(ben.page.getByText('That is not the password')).toBeVisible();
    await ben.page.getByLabel('Password of the room').fill('open sesame');
    await ben.joinButton.click();
    await expect.poll(() => ben.inCall(({ call }) => call.state, null)).toBe('joined');
    // Who was in comes back without it.
    await ben.page.reload();
    await ben.join();
  });
});

test('a moderator mutes; unmuting is up to the person', async ({ people, room }) => {
  const ada = await joinAsHost(people, 'Ada', room, { camera: false });
  const ben = await people.join('Ben', room);
  await ada.hearing('Ben');
  await choose(ada, 'Ben', 'Mute');
  await expect(ben.page.getByText('Ada muted you')).toBeVisible();
  await expect(ben.toolbar.getByRole('button', { name: 'Unmute', exact: true })).toBeVisible();
  await expect(rowOf(ada, 'Ben').getByRole('img', { name: 'Microphone off' })).toBeVisible();
  expect(await ben.inCall(({ call }) => call.publications.get('microphone')?.track.enabled, null)).toBe(false);

  await choose(ada, 'Ben', 'Ask to unmute');
  await expect(dialog(ben)).toContainText('Ada asks you to unmute');
  await button(ben, 'Not now').click();
  await expect(ben.toolbar.getByRole('button', { name: 'Unmute', exact: true })).toBeVisible();
  await choose(ada, 'Ben', 'Ask to unmute');
  await dialog(ben).getByRole('button', { name: 'Unmute' }).click();
  await ada.hearing('Ben');

  await choose(ada, 'Ben', 'Stop video');
  await expect(ben.toolbar.getByRole('button', { name: 'Start camera', exact: true })).toBeVisible();
  await expect.poll(() => ben.inCall(({ localMedia }) => localMedia.state.camera, null)).toBeNull();
  await chooseForRoom(ada, 'Mute all');
  await expect(ben.toolbar.getByRole('button', { name: 'Unmute', exact: true })).toBeVisible();
});

test('another role ends what it does not allow, and says why nothing can be sent', async ({ people, room }) => {
  const ada = await joinAsHost(people, 'Ada', room, { camera: false });
  const ben = await people.join('Ben', room);
  await ada.seeing('Ben');
  await choose(ada, 'Ben', 'Make Attendee');
  await expect(ben.page.getByText('You are now: Attendee')).toBeVisible();
  await expect.poll(() => ben.inCall(({ call }) => call.publications.size, null)).toBe(0);
  await expect(ada.video('Ben')).toBeHidden();
  const microphone = ben.toolbar.getByRole('button', { name: 'Unmute', exact: true });
  await expect(microphone).toHaveAttribute('aria-disabled', 'true');
  await expect(microphone).toHaveAttribute('aria-description', 'You may not speak here.');
  expect(await codeOf(ben, 'moderate.mute', { sources: ['microphone'] })).toBe('forbidden');

  await choose(ada, 'Ben', 'Rights…');
  await dialog(ada).getByRole('combobox', { name: 'Microphone' }).selectOption('Allowed');
  await dialog(ada).getByRole('button', { name: 'Save' }).click();
  await expect(microphone).not.toHaveAttribute('aria-disabled', 'true');
  await microphone.click();
  await ada.hearing('Ben');

  await choose(ada, 'Ben', 'Make Co-host');
  await expect(ben.page.getByText('You are now: Co-host')).toBeVisible();
  await expect(ben.toolbar.getByRole('button', { name: 'Host controls' })).toBeVisible();
  await ben.press('People');
  await expect(button(ben, 'Options for Ada')).toBeHidden();
});

test('whoever is removed may come back, whoever is banned may not, until that is lifted', async ({ people, room }) => {
  const ada = await joinAsHost(people, 'Ada', room, { camera: false });
  const ben = await people.join('Ben', room, { camera: false });
  await choose(ada, 'Ben', 'Remove…');
  await dialog(ada).getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ben.page.getByText('A moderator removed you from the room.')).toBeVisible();
  await button(ben, 'Rejoin').click();
  await ben.join();
  await choose(ada, 'Ben', 'Ban…');
  await dialog(ada).getByRole('button', { name: 'Remove and ban' }).click();
  await expect(ben.page.getByText('does not let you in again')).toBeVisible();
  await ben.page.reload();
  await expect(ben.page.getByText(`There is no room “${room.id}” now`)).toBeVisible();
  await button(ben, 'Open this room').click();
  await expect(ben.page.getByText('There is a room with this name')).toBeVisible();

  await chooseForRoom(ada, 'Banned people');
  await button(ada, 'Let Ben in again').click();
  await expect(dialog(ada)).toContainText('Nobody is banned');
  await ada.page.keyboard.press('Escape');
  await button(ben, 'Try again').click();
  await ben.join();
});

test('what was done can be read in the log, and kept', async ({ people, room }) => {
  const ada = await joinAsHost(people, 'Ada', room, { camera: false });
  await chooseForRoom(ada, 'Lock the room');
  await chooseForRoom(ada, 'Unlock the room');
  await chooseForRoom(ada, 'Log');
  await expect(dialog(ada)).toContainText('changed the settings of the room');
  const download = ada.page.waitForEvent('download');
  await button(ada, 'Save as CSV').click();
  const csv = await (await download).createReadStream();
  let text = '';
  for await (const chunk of csv) text += String(chunk);
  expect(text.split('\r\n').filter((line) => line.includes('room.setPolicy'))).toHaveLength(2);
});

test('a locked room keeps new people out, not those who were in, and ends for all', async ({ people, room }) => {
  const ada = await joinAsHost(people, 'Ada', room, { camera: false });
  const ben = await people.join('Ben', room, { camera: false });
  await chooseForRoom(ada, 'Lock the room');
  await expect(ben.page.getByRole('img', { name: 'Locked: nobody new comes in' })).toBeVisible();
  const cleo = await people.open('Cleo');
  await cleo.page.goto(room.path);
  await expect(cleo.page.getByText(`There is no room “${room.id}” now`)).toBeVisible();
  await ben.page.reload();
  await ben.join();
  await expect(ada.tile('Ben')).toBeVisible();

  await ada.press('Leave');
  await dialog(ada).getByRole('button', { name: 'End for all' }).click();
  for (const person of [ada, ben])
    await expect(person.page.getByText('The call was ended for everybody')).toBeVisible();
});

test('what the room does not allow cannot be done, and comes back with a click', async ({ people, room }) => {
  const ada = await joinAsHost(people, 'Ada', room, { camera: false });
  const ben = await people.join('Ben', room);
  await ada.seeing('Ben');
  await chooseForRoom(ada, 'Room settings');
  await dialog(ada).getByRole('switch', { name: 'Show their camera' }).uncheck();
  await dialog(ada).getByRole('switch', { name: 'Write in the chat' }).uncheck();
  const camera = ben.toolbar.getByRole('button', { name: 'Start camera', exact: true });
  await expect(camera).toHaveAttribute('aria-disabled', 'true');
  await ben.press('Chat');
  await expect(ben.page.getByRole('textbox', { name: 'Message' })).toBeDisabled();
  await dialog(ada).getByRole('switch', { name: 'Show their camera' }).check();
  await dialog(ada).getByRole('switch', { name: 'Write in the chat' }).check();
  await expect(ben.page.getByRole('textbox', { name: 'Message' })).toBeEnabled();
  await camera.click();
  await ada.seeing('Ben');
});
