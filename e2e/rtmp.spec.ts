import { FfmpegPublisher, hasFfmpeg, hasSrt } from '../server/test/support/ffmpeg-publisher.ts';
import { expect, test } from './harness/fixtures.ts';
import { freePorts } from './harness/ports.ts';
import { newStreamKey, openStudio } from './harness/studio.ts';

const port = await freePorts(2);

test.use({
  serverEnv: { AMPHI_RTMP_PORT: `${port}`, AMPHI_SRT_PORT: `${port + 1}` },
  serverForTest: async ({ ownServer }, use) => use(ownServer),
});
test.skip(!hasFfmpeg, 'SKIP: no ffmpeg with libx264 on this machine, so there is nothing to publish');

test('the host copies the RTMP address and a key into a program, whose picture and sound people get', async ({
  people,
  ownServer,
  measured,
}) => {
  test.setTimeout(120_000);
  const room = await ownServer.createRoom();
  const { hanna, panel } = await openStudio(people, room);
  const { key } = await newStreamKey(panel);
  const address = await panel.getByRole('textbox', { name: 'RTMP server' }).inputValue();
  expect(address).toBe(`rtmp://localhost:${port}/live`);
  const srtAddress = hasSrt ? await panel.getByRole('textbox', { name: 'SRT server' }).inputValue() : '';
  if (hasSrt)
    expect(srtAddress).toMatch(new RegExp(`^srt://localhost:${port + 1}\\?streamid=[\\w-]+&passphrase=[\\w-]{32}$`));
  await panel.getByRole('textbox', { name: 'RTMP server' }).scrollIntoViewIfNeeded();
  await hanna.page.screenshot({ path: 'test-results/rtmp-keys.png' });
  await hanna.page.emulateMedia({ colorScheme: 'dark' });
  await hanna.page.setViewportSize({ width: 390, height: 800 });
  await hanna.page.screenshot({ path: 'test-results/rtmp-keys-phone.png' });
  await hanna.page.setViewportSize({ width: 1280, height: 720 });
  await panel.getByRole('button', { name: 'Go live' }).click();

  const since = performance.now();
  const ffmpeg = new FfmpegPublisher(`${address.replace('localhost', '127.0.0.1')}/${key}`);
  try {
    expect(await hanna.seeing('Studio')).toMatchObject({ width: 320, height: 180 });
    measured('from the start of ffmpeg to its first picture, ms', Math.round(performance.now() - since));
    await hanna.hearing('Studio');

    // The audience, on the watch page, decodes what goes on.
    const vera = await people.open('Vera');
    await vera.page.goto(`/w/${room.id}`);
    const picture = vera.page.locator('[data-testid=watch-picture][data-name="Studio"] video');
    await expect(picture).toBeVisible({ timeout: 20_000 });
    const spread = () => picture.evaluate((video) => window.amphiTest.look(video as HTMLVideoElement).spread);
    await expect.poll(spread, { timeout: 20_000 }).toBeGreaterThan(20);
    await vera.page.getByRole('button', { name: 'Tap for sound' }).click();
    const sound = () => vera.page.evaluate(heardEnergy);
    await expect.poll(sound, { timeout: 20_000 }).toBeGreaterThan(0.01);
    await ffmpeg.stop();
    await expect(hanna.tile('Studio')).toHaveCount(0);
  } catch (error) {
    console.log(ffmpeg.said);
    throw error;
  } finally {
    ffmpeg.kill();
  }
  if (!hasSrt) return;
  // By SRT, and with B-frames, which no browser would show in order.
  const begun = performance.now();
  const other = new FfmpegPublisher(srtAddress.replace('localhost', '127.0.0.1'), ['-bf', '2', '-profile:v', 'main']);
  try {
    expect(await hanna.seeing('Studio')).toMatchObject({ width: 320, height: 180 });
    measured('from the start of ffmpeg to its first picture by SRT, ms', Math.round(performance.now() - begun));
    await hanna.hearing('Studio');
  } catch (error) {
    console.log(other.said);
    throw error;
  } finally {
    other.kill();
  }
  // What it cannot take the host is told, where the program is not.
  const hevc = new FfmpegPublisher(srtAddress.replace('localhost', '127.0.0.1'), ['-c:v', 'libx265']);
  try {
    await panel.getByRole('button', { name: 'What arrives?' }).click();
    const refused = hanna.page.locator('[data-testid=ingest-refused][data-name="Studio"]');
    await expect(refused).toContainText('The picture is HEVC, and by RTMP and SRT only H.264 is taken', {
      timeout: 30_000,
    });
    await hanna.page.screenshot({ path: 'test-results/ingest-refused.png' });
  } finally {
    hevc.kill();
  }
});

/** In the page: the energy of all sound that was received and decoded. */
async function heardEnergy(): Promise<number> {
  const stats = await Promise.all(window.amphiTest.connections.map((connection) => connection.getStats()));
  const reports = stats.flatMap((report) => [...report.values()] as { type: string; totalAudioEnergy?: number }[]);
  return reports.reduce(
    (sum, { type, totalAudioEnergy = 0 }) => sum + (type === 'inbound-rtp' ? totalAudioEnergy : 0),
    0,
  );
}
