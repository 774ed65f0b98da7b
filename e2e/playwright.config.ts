import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { launchOptions } from './harness/chromium.ts';

export default defineConfig({
  testDir: '.',
  outputDir: fileURLToPath(new URL('../test-results', import.meta.url)),
  // Every window encodes and decodes video: two tests at once would measure each other.
  workers: 1,
  // A machine that builds for others is busy at times; a test that needed another try is listed as FLAKY.
  retries: process.env['CI'] ? 2 : 0,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // With PLAYWRIGHT_JSON_OUTPUT_NAME in the environment the JSON report is written there.
  reporter: [['list'], ...(process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ? [['json'] as const] : [])],
  use: {
    launchOptions: launchOptions(),
    // Software draws every window, and every pixel of it.
    viewport: { width: 960, height: 540 },
    // Without pictures: filming every window costs more than the calls themselves.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
});
