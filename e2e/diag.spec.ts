import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { missingCoturn } from './harness/coturn.ts';
import { expect, test as plain } from './harness/fixtures.ts';
import { startServerWithRelay, test as base } from './net/fixtures.ts';
import { Office } from './net/office.ts';

/** Browsers look at the relay's certificate, which here is one that nobody vouches for. */
const BROWSER = { args: ['--ignore-certificate-errors'] };

const test = base.extend({
  serverForTest: async ({ network }, use, testInfo) => {
    const server = await startServerWithRelay(network);
    await use(server);
    await server.stop();
    if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('server', { body: server.output });
  },
});

/** Runs the check to its end and answers the states of its steps. */
async function check(page: Page, shot: string): Promise<Record<string, string>> {
  await page.goto('/diag');
  await page.getByRole('button', { name: 'Start the check' }).click();
  await expect(page.getByTestId('verdict')).not.toHaveAttribute('data-verdict', 'running', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Check again' })).toBeEnabled({ timeout: 20_000 });
  await page.screenshot({ path: `test-results/diag-${shot}.png`, fullPage: true });
  const hops = await page
    .locator('[data-hop]')
    .evaluateAll((all) =>
      all.map((each) => [each.getAttribute('data-hop') ?? '', each.getAttribute('data-state') ?? ''] as const),
    );
  return Object.fromEntries(hops);
}

const ALL_OK = {
  secure: 'ok',
  server: 'ok',
  socket: 'ok',
  address: 'ok',
  udp: 'ok',
  tcp: 'ok',
  'turn-udp': 'ok',
  'turn-tcp': 'ok',
  'turn-tls': 'ok',
  relay: 'ok',
  microphone: 'ok',
  camera: 'ok',
  loopback: 'ok',
};
const NO_RELAY = { 'turn-udp': 'skipped', 'turn-tcp': 'skipped', 'turn-tls': 'skipped', relay: 'skipped' };

plain('the check on this machine: all is well, and what is not there is said', async ({ people }) => {
  const { page, context } = await people.open('Ada');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  expect(await check(page, 'here')).toEqual({ ...ALL_OK, ...NO_RELAY });
  await expect(page.getByTestId('verdict')).toHaveAttribute('data-verdict', 'ok');
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.getByRole('button', { name: 'Copy the result' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain('[fine] Media over UDP: Connected in');
  expect(report).toContain('[not there] Relay over UDP');
  // It may be sent to anybody.
  expect(report).not.toMatch(/credential|host=/);

  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitemradio', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { name: 'Verbindung prüfen' })).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: 'test-results/diag-german-phone.png', fullPage: true });
});

test.describe('with a relay', () => {
  test.skip(missingCoturn !== undefined, missingCoturn ?? '');
  test.setTimeout(120_000);

  test('an open network: every way is found open', async ({ network, launch, people }) => {
    const office = await Office.add(network, 'open');
    const { page } = await people.open('Ada', { browser: await launch(office, BROWSER) });
    expect(await check(page, 'open')).toEqual(ALL_OK);
  });

  test('a network that blocks UDP: it says so, and what to do', async ({ network, launch, people, serverForTest }) => {
    const office = await Office.add(network, 'office');
    await office.pass('no UDP');
    const { page } = await people.open('Ada', { browser: await launch(office, BROWSER) });
    expect(await check(page, 'no-udp')).toEqual({ ...ALL_OK, udp: 'warn', 'turn-udp': 'warn' });
    await expect(page.getByTestId('verdict')).toHaveAttribute('data-verdict', 'detour');
    const udp = page.locator('[data-hop=udp]');
    await expect(udp).toContainText('No UDP gets to');
    // Either worker may carry the room.
    const { mediaAddress, mediaPorts } = serverForTest;
    await expect(udp).toContainText(new RegExp(`${mediaAddress}:(${mediaPorts.join('|')})`));
    await expect(udp).toContainText('What to do: In this network: allow outgoing UDP');
    await expect(page.locator('[data-hop=turn-udp]')).toContainText('Allow UDP from this network');
  });
});
