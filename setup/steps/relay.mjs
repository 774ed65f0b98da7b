import { Failure } from '../lib/failure.mjs';
import { asRoot, isInstalled, needPackages } from '../lib/debian.mjs';
import { works } from '../lib/run.mjs';
import { say } from '../lib/say.mjs';

/** Names under which a host of the server's own machine goes. */
const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

/** A setting as the command line or the environment has it; the server reads its file as well, and judges all three. */
function setting(args, flag, name) {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const given = at < 0 ? undefined : (args[at].split('=', 2)[1] ?? args[at + 1]);
  return given ?? process.env[name];
}

/** Whether the server that is about to start is there for other machines and has to run its own relay. */
export function wantsRelay(args) {
  const host = setting(args, '--host', 'AMPHI_HOST') ?? 'localhost';
  const proxies = Number(setting(args, '--trust-proxy', 'AMPHI_TRUST_PROXY') ?? 0);
  const mode = setting(args, '--turn-mode', 'AMPHI_TURN_MODE') ?? 'auto';
  return mode === 'auto' && (!LOCAL.has(host) || proxies > 0);
}

/** Installs coturn where a relay is wanted. Calls work without it from most networks, so that not to get it is no failure. */
export async function offerRelay(args) {
  if (!wantsRelay(args)) return;
  const isNew = !isInstalled('coturn');
  try {
    await needPackages('relay media for people behind strict firewalls', ['coturn']);
    if (isNew) stopDebians();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`amphi: it starts without a relay (TURN), and people behind strict firewalls may not get in. ${error.message}`);
  }
}

/** Debian starts a relay of its own with the package, which has the ports and is not as closed as ours. */
function stopDebians() {
  const [command, ...rest] = [...(asRoot() ?? []), 'systemctl', 'disable', '--now', 'coturn'];
  // Where there is no systemd, nothing was started.
  works(command, ...rest);
}
