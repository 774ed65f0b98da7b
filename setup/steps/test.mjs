import { needPackages } from '../lib/debian.mjs';
import { Failure } from '../lib/failure.mjs';
import { run } from '../lib/run.mjs';
import { say } from '../lib/say.mjs';
import { playwright, vitest } from '../lib/suites.mjs';
import { single, sum, summary, tally } from '../lib/tally.mjs';
import { quickSuites } from './check.mjs';
import { FILM_PACKAGES } from './films.mjs';
import { ensureWeb } from './web.mjs';

/** What the tests use besides npm packages: a browser, a relay, media files, another player for HLS, an RTMP server, another SRT caller, an S3 server, a bad network, and something to write with. */
const PACKAGES = [
  'chromium',
  'coturn',
  ...FILM_PACKAGES,
  'gstreamer1.0-tools',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-libav',
  'nginx',
  'libnginx-mod-rtmp',
  'srt-tools',
  'iproute2',
  'nftables',
  'python3',
  'python3-swift',
  'fonts-liberation',
  'fonts-noto-color-emoji',
];

async function browserTests() {
  await ensureWeb();
  const { code } = await run('node', ['setup/budget.mjs']);
  return sum([single('size budget', code), await playwright('e2e/playwright.config.ts')]);
}

/** Known weaknesses of what is shipped; skipped, and said so, where the registry does not tell. */
async function supplyTests() {
  const { code, output } = await run('node', ['setup/audit.mjs'], { capture: true });
  say(output.trimEnd());
  return output.startsWith('SKIP') ? tally({ skipped: ['npm audit'] }) : single('npm audit', code);
}

const suites = {
  unit: async () => sum([await quickSuites(), await supplyTests()]),
  integration: async () => sum([await vitest('integration'), await vitest('load')]),
  e2e: browserTests,
};

export const SUITES = Object.keys(suites);

/** What cannot even begin is one failure, and does not keep the other suites from being run. */
async function attempt(name, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    return single(`${name} (could not begin)`, 1);
  }
}

/** Runs the suites one after the other, all of them even if one fails, and prints one summary. */
export async function test(names, ensureWorker) {
  const tallies = [];
  let prepared = false;
  for (const name of names) {
    say(`\namphi: ${name} tests`);
    tallies.push(
      await attempt(name, async () => {
        if (name !== 'unit' && !prepared) {
          await needPackages('run the tests', PACKAGES);
          await ensureWorker();
          prepared = true;
        }
        return suites[name]();
      }),
    );
  }
  const result = sum(tallies);
  process.stdout.write(summary(result));
  return result.failed.length === 0 ? 0 : 1;
}
