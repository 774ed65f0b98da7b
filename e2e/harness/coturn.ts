import { existsSync } from 'node:fs';

/** Why the tests of relays cannot be run here; undefined when they can. */
export const missingCoturn: string | undefined = ['/usr/bin/turnserver', '/usr/local/bin/turnserver'].some((path) =>
  existsSync(path),
)
  ? undefined
  : 'SKIP: coturn is not installed, so nothing is tested over a relay (sudo apt-get install -y coturn)';

if (missingCoturn) console.warn(missingCoturn);
