import { expect, test } from './harness/fixtures.ts';

test('microphone and camera go off and on, by button and by key, and the others notice', async ({ people, room }) => {
  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room);
  await ben.seeing('Ada');
  await ben.hearing('Ada');
  const isMuted = (source: 'microphone' | 'camera') =>
    ben.inCall(({ call }, what) => [...call.members.values()][0]?.trackOf(what)?.muted ?? true, source);

  await ada.press('Mute');
  await expect.poll(() => isMuted('microphone')).toBe(true);
  await ada.press('Unmute');
  await expect.poll(() => isMuted('microphone')).toBe(false);
  await ben.hearing('Ada');

  await ada.press('Stop camera');
  await expect.poll(() => isMuted('camera')).toBe(true);
  await expect(ben.video('Ada')).toBeHidden();
  await ada.press('Start camera');
  await ben.seeing('Ada');

  // The last click was on a button: the keys have to work all the same, and the space bar must not press it.
  await ada.page.keyboard.press('m');
  await expect.poll(() => isMuted('microphone')).toBe(true);
  await ada.page.keyboard.down('Space');
  await expect.poll(() => isMuted('microphone')).toBe(false);
  await ada.page.keyboard.up('Space');
  await expect.poll(() => isMuted('microphone')).toBe(true);
  await ada.page.keyboard.press('m');
  await expect.poll(() => isMuted('microphone')).toBe(false);

  await ada.page.keyboard.press('v');
  await expect.poll(() => isMuted('camera')).toBe(true);
  await ada.page.keyboard.press('v');
  await ben.seeing('Ada');
});

test('whoever speaks has a ring', async ({ people, room }) => {
  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room, { microphone: false });
  const cleo = await people.join('Cleo', room, { microphone: false });
  for (const person of [ben, cleo]) await expect(person.tile('Ada')).toHaveAttribute('data-speaking', 'true');
  await expect(cleo.tile('Ben')).not.toHaveAttribute('data-speaking', 'true');
  await ada.press('Mute');
  await ben.press('Unmute');
  for (const person of [ada, cleo]) await expect(person.tile('Ben')).toHaveAttribute('data-speaking', 'true');
  await expect(cleo.tile('Ada')).not.toHaveAttribute('data-speaking', 'true');
});

test('camera and microphone change in the call, and a device that is pulled out is replaced', async ({
  people,
  room,
}) => {
  const ada = await people.join('Ada', room);
  const ben = await people.join('Ben', room);
  await ben.seeing('Ada');
  const camera = () => ada.inCall(({ localMedia }) => localMedia.state.cameraId, null);

  await ada.chooseFromMenu('Settings');
  const first = await ada.switchDevice(ada.page.getByRole('dialog').getByRole('combobox', { name: 'Camera' }));
  await expect.poll(camera).not.toBe(first);
  await ada.page.keyboard.press('Escape');
  await ben.seeing('Ada', { plain: true });
  const sent = () => ada.inCall(({ call }) => call.publications.get('camera')?.track.getSettings().deviceId, null);
  expect(await sent()).toBe(await camera());

  // Unplugged: the browser ends the track and lists the device no more.
  const second = await camera();
  await ada.inCall(({ localMedia }) => {
    const track = localMedia.state.camera;
    const gone = track?.getSettings().deviceId;
    const all = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => (await all()).filter(({ deviceId }) => deviceId !== gone);
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  }, null);
  await expect.poll(camera).not.toBe(second);
  await expect.poll(sent).not.toBe(second);
  await ben.seeing('Ada', { plain: true });
});
