import { expect, test } from './harness/fixtures.ts';

test('the statistics show the numbers of the call', async ({ people, room }) => {
  const ada = await people.join('Ada', room);
  await people.join('Ben', room);
  await ada.seeing('Ben');
  await ada.expectPath('Ben', 'direct');
  await ada.chooseFromMenu('Statistics');
  const panel = ada.page
    .getByRole('dialog', { name: 'Statistics' })
    .or(ada.page.getByRole('region', { name: 'Statistics' }));
  await expect(panel).toBeVisible();
  // Rates need two samples, and the first seconds of a stream are slow.
  await expect(panel).toContainText(/\d [kM]bit\/s/, { timeout: 10_000 });
  await expect(panel).toContainText(/VP8/i);
  await expect(panel).toContainText(/opus/i);
  await expect(panel).toContainText('640×360');
  await expect(panel).toContainText(/direct/i);
  await expect(panel).toContainText(/\d ms/);
  await expect(panel).toContainText(/host|prflx/i);
  await ada.page.screenshot({ path: 'test-results/statistics.png' });

  const { tracks, connections, signalingRttMs } = await ada.stats();
  const received = tracks.find(({ direction, source }) => direction === 'receive' && source === 'camera');
  expect(received).toMatchObject({ path: 'direct', memberId: await ada.memberId('Ben') });
  expect(received?.frames).toBeGreaterThan(0);
  expect(connections.find(({ role }) => role === 'direct')?.rttMs).not.toBeNull();
  expect(signalingRttMs).toBeGreaterThan(0);
});
