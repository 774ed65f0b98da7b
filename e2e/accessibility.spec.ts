import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './harness/fixtures.ts';

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

for (const colorScheme of ['dark', 'light'] as const) {
  for (const [device, viewport] of [
    ['desktop', { width: 1280, height: 720 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    test(`axe finds nothing serious: ${colorScheme}, ${device}`, async ({ people, room }) => {
      const shot = (page: string) => ({ path: `test-results/${page}-${colorScheme}-${device}.png` });
      const context = { colorScheme, viewport, reducedMotion: 'reduce' as const };
      const ada = await people.open('Ada', { context });
      await ada.page.goto('/');
      await expect(ada.page.getByRole('button', { name: 'New room' })).toBeVisible();
      expect(await seriousViolations(ada.page), 'landing').toEqual([]);
      await ada.page.screenshot(shot('landing'));

      await ada.goTo(room.path);
      await expect(ada.networkCheck).toHaveAttribute('data-state', 'ok');
      expect(await seriousViolations(ada.page), 'prejoin').toEqual([]);
      await ada.page.screenshot(shot('prejoin'));

      await people.join('Ben', room);
      await ada.join();
      await ada.seeing('Ben');
      expect(await seriousViolations(ada.page), 'call').toEqual([]);
      await ada.page.screenshot(shot('call'));

      await ada.press('Chat');
      expect(await seriousViolations(ada.page), 'call with chat').toEqual([]);
      await ada.page.screenshot(shot('chat'));
    });
  }
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
