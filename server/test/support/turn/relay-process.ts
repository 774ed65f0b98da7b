// A process that does nothing but keep a relay, to be killed: node relay-process.ts <settings as JSON>
import { configSchema } from '../../../src/index.ts';
import { createRelay } from '../../../src/turn/relay.ts';
import { keepingLogger, newSecret } from './coturn.ts';

const config = configSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const { logger } = keepingLogger();
const mediaAddresses = config.media.announced;
const relay = await createRelay({ config, logger, dataDir: config.dataDir, mediaAddresses, secret: newSecret() });
process.stdout.write(`${relay.status().state}\n`);
setInterval(() => {}, 60_000);
