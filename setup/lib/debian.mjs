import { spawnSync } from 'node:child_process';
import { Failure } from './failure.mjs';
import { run, tail, works } from './run.mjs';
import { say, step } from './say.mjs';

export function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' });
  return stdout?.trim() === 'install ok installed';
}

/** How to run a command as root without being asked anything; undefined when that is not possible. */
export function asRoot() {
  if (process.getuid?.() === 0) return [];
  return works('sudo', '-n', 'true') ? ['sudo', '-n'] : undefined;
}

/**
 * Sees to it that Debian packages are there. On a system without apt it only says what is needed: the step that needs
 * them then finds them in its own way, or fails in its own words.
 */
export async function needPackages(purpose, names) {
  if (!works('dpkg-query', '--version') || !works('apt-get', '--version')) {
    say(
      `amphi: this is no Debian system, so ${purpose} relies on your having what these packages hold: ${names.join(' ')}`,
    );
    return;
  }
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;

  const prefix = asRoot();
  const byHand = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!prefix) {
    throw new Failure(`To ${purpose}, Debian packages are missing; run this and try again: ${byHand}`);
  }
  await step(`installing Debian packages to ${purpose}: ${missing.join(' ')}`, async () => {
    const apt = (...args) => {
      const command = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
      return run(command[0], command.slice(1), { capture: true });
    };
    // A failing update is not the end: the lists that are there may do.
    await apt('update');
    // Another apt may be at work on a machine that has just started, hence the wait for its lock.
    const { code, output } = await apt(
      '-o',
      'DPkg::Lock::Timeout=120',
      'install',
      '-y',
      '--no-install-recommends',
      ...missing,
    );
    if (code !== 0) {
      say(tail(output));
      throw new Failure(
        `apt-get could not install what is needed to ${purpose}; run this by hand to see why: ${byHand}`,
      );
    }
  });
}
