import { afterEach, expect, test, vi } from 'vitest';
// @ts-expect-error: plain JavaScript, for Node 20, without declarations.
import { wantsRelay } from './steps/relay.mjs';

afterEach(() => vi.unstubAllEnvs());

test.each([
  [[], false],
  [['--port', '4000'], false],
  [['--host', '0.0.0.0'], true],
  [['--host=192.168.1.4'], true],
  [['--host', '127.0.0.1', '--trust-proxy', '1'], true],
  [['--host', '0.0.0.0', '--turn-mode', 'off'], false],
  [['--host', '0.0.0.0', '--turn-mode=external'], false],
] as const)('npm start %j wants a relay: %s', (args, wanted) => {
  expect(wantsRelay([...args])).toBe(wanted);
});

test('the environment counts where the command line says nothing', () => {
  vi.stubEnv('AMPHI_HOST', '0.0.0.0');
  expect(wantsRelay([])).toBe(true);
  expect(wantsRelay(['--host', 'localhost'])).toBe(false);
});
