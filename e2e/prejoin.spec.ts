import { expect, test } from './harness/fixtures.ts';

test('the prejoin page shows the camera, the devices, and that media gets through', async ({ people, room }) => {
  const ada = await people.visit('Ada', room);
  const preview = ada.page.locator('video').first();
  await expect(preview).toBeVisible();
  await expect
    .poll(() => preview.evaluate((video) => window.amphiTest.look(video as HTMLVideoElement).spread))
    .toBeGreaterThan(20);
  for (const [label, devices] of [
    ['Camera', 2],
    ['Microphone', 2],
    ['Speaker', 2],
  ] as const) {
    const options = ada.page.getByRole('combobox', { name: label }).getByRole('option');
    await expect.poll(() => options.count()).toBeGreaterThanOrEqual(devices);
  }
  await expect(ada.page.getByRole('button', { name: 'Test speaker' })).toBeVisible();
  await expect(ada.networkCheck).toHaveAttribute('data-state', 'ok');
  await expect(ada.networkCheck).toHaveAttribute('data-protocol', 'udp');
  await expect.poll(() => ada.inCall(({ localMedia }) => localMedia.level(), null)).toBeGreaterThan(0);
  await ada.page.screenshot({ path: 'test-results/prejoin.png' });
});

test('somebody alone sees the own picture, and the microphone and camera as they were chosen', async ({
  people,
  room,
}) => {
  const ada = await people.join('Ada', room, { microphone: false });
  await expect(ada.tiles).toHaveCount(1);
  await expect(ada.tile('Ada')).toHaveAttribute('data-self', /^(true|)$/);
  await ada.seeing('Ada');
  await expect(ada.toolbar.getByRole('button', { name: 'Unmute', exact: true })).toBeVisible();
  await expect(ada.toolbar.getByRole('button', { name: 'Stop camera', exact: true })).toBeVisible();
});

test('another camera can be chosen before joining', async ({ people, room }) => {
  const ada = await people.visit('Ada', room);
  const before = await ada.switchDevice(ada.page.getByRole('combobox', { name: 'Camera' }));
  await expect.poll(() => ada.inCall(({ localMedia }) => localMedia.state.cameraId, null)).not.toBe(before);
  await ada.join();
  await ada.seeing('Ada', { plain: true });
});

test('somebody without any device joins, sees and hears', async ({ people, room }) => {
  const ben = await people.join('Ben', room);
  const ada = await people.open('Ada');
  await ada.context.addInitScript(() => {
    navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Requested device not found', 'NotFoundError'));
  });
  await ada.goTo(room.path);
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
  await ada.joinButton.click();
  await ada.seeing('Ben');
  await ada.hearing('Ben');
  await expect(ben.tile('Ada')).toBeVisible();
});

test('a denied permission is explained, and one can join all the same', async ({ people, room }) => {
  const ada = await people.open('Ada');
  await ada.context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await ada.goTo(room.path);
  await expect(ada.page.getByText('Camera and microphone cannot be used')).toBeVisible();
  // In the words of the browser at hand, not of browsers in general.
  await expect(ada.page.getByText('Click the icon to the left of the address')).toBeVisible();
  await ada.page.screenshot({ path: 'test-results/prejoin-denied.png' });
  await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
  await ada.joinButton.click();
  await expect(ada.toolbar).toBeVisible();
});

test('who is quicker than the camera is seen and heard when it has opened', async ({ people, room }) => {
  const ben = await people.join('Ben', room);
  const ada = await people.open('Ada');
  await ada.context.addInitScript(() => {
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      // As long as a person looks at the browser's question, or an old camera starts.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return getUserMedia(constraints);
    };
  });
  await ada.goTo(room.path);
  await ada.join();
  await ben.seeing('Ada');
  await ben.hearing('Ada');
});
