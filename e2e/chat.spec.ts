import { expect, test } from './harness/fixtures.ts';

test('what one writes the others read, also those who come later', async ({ people, room }) => {
  const quiet = { camera: false, microphone: false };
  const ada = await people.join('Ada', room, quiet);
  const ben = await people.join('Ben', room, quiet);
  await ada.press('Chat');
  await ben.press('Chat');
  const write = async (text: string) => {
    const box = ada.page.getByRole('textbox', { name: 'Message' });
    await box.fill(text);
    await box.press('Enter');
  };
  await write('Good morning & <b>welcome</b>');
  // As it was written: markup in it is text.
  await expect(ben.page.getByText('Good morning & <b>welcome</b>')).toBeVisible();
  await expect(ada.page.getByText('Good morning & <b>welcome</b>')).toBeVisible();
  const cleo = await people.join('Cleo', room, quiet);
  await cleo.press('Chat');
  await expect(cleo.page.getByText('Good morning & <b>welcome</b>')).toBeVisible();
  await ben.page.screenshot({ path: 'test-results/chat.png' });
});
