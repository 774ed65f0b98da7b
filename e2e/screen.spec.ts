import { expect, test } from './harness/fixtures.ts';

test('two people share their screens at once, with sound', async ({ people, room, measured }) => {
  test.setTimeout(90_000);
  const ada = await people.join('Ada', room, { camera: false });
  const ben = await people.join('Ben', room, { camera: false });

  await ada.press('Share screen');
  const first = await ben.seeing('Ada', { source: 'screen' });
  // A shared screen keeps its pixels: text has to be read.
  expect(first.height).toBeGreaterThanOrEqual(720);
  measured('shared screen as received', `${first.width}x${first.height}`);
  await expect
    .poll(() =>
      ben.inCall(({ call }) => [...call.members.values()][0]?.trackOf('screen-audio')?.mediaTrack?.kind, null),
    )
    .toBe('audio');
  const hint = await ada.inCall(({ call }) => call.publications.get('screen')?.track.contentHint, null);
  expect(['detail', 'text', 'motion']).toContain(hint);

  await ben.press('Share screen');
  await ada.seeing('Ben', { source: 'screen' });
  await ben.seeing('Ada', { source: 'screen' });
  await ada.page.screenshot({ path: 'test-results/screens.png' });

  await ada.press('Stop sharing');
  await expect(ben.tile('Ada', { source: 'screen' })).toBeHidden();
  await ada.seeing('Ben', { source: 'screen' });

  // The browser's own "stop sharing" bar ends the track without asking the page.
  await ben.inCall(({ call }) => {
    const track = call.publications.get('screen')?.track;
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
  }, null);
  await expect(ada.tile('Ben', { source: 'screen' })).toBeHidden();
  await expect(ben.toolbar.getByRole('button', { name: 'Share screen', exact: true })).toBeVisible();
});
