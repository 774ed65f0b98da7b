// Run in a network namespace of its own, as root: which of two ports of the SFU's address a member reaches through the
// relay, before and after the rules of docs/relay.nft. Prints that as JSON.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../../src/index.ts';
import { TurnClient } from '../../../src/stun/turn-client.ts';
import { createRelay } from '../../../src/turn/relay.ts';
import { keepingLogger, newSecret } from './coturn.ts';

const RULES = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'relay.nft');
const ADDRESS = '10.88.0.1';
const MEDIA = 44_400;
const OTHER = 5353;
/** More than a packet on one machine takes. */
const ARRIVES_WITHIN_MS = 500;

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('ip', ['address', 'add', `${ADDRESS}/32`, 'dev', 'lo']);
const dataDir = mkdtempSync(join(tmpdir(), 'amphi-relay-'));
const config = configSchema.parse({
  host: ADDRESS,
  dataDir,
  media: { workers: 1, listenIp: ADDRESS, announced: [ADDRESS] },
});
const { logger } = keepingLogger();
const relay = await createRelay({ config, logger, dataDir, mediaAddresses: [ADDRESS], secret: newSecret() });

const reached = new Set<number>();
for (const port of [MEDIA, OTHER]) {
  const socket = createSocket('udp4').bind(port, ADDRESS);
  await once(socket, 'listening');
  socket.on('message', () => reached.add(port));
}
const turn = relay.grant('member').iceServers.find(({ credential }) => credential !== undefined);
const client = await TurnClient.connect(
  { address: ADDRESS, port: config.turn.port },
  { username: turn?.username ?? '', credential: turn?.credential ?? '' },
);
await client.allocate();
await client.bindChannel(0x4000, ADDRESS, MEDIA);
await client.bindChannel(0x4001, ADDRESS, OTHER);

async function reach(): Promise<number[]> {
  reached.clear();
  client.send(0x4001, Buffer.from('other'));
  client.send(0x4000, Buffer.from('media'));
  await new Promise((resolve) => setTimeout(resolve, ARRIVES_WITHIN_MS));
  return [...reached].toSorted((a, b) => a - b);
}

const before = await reach();
execFileSync('nft', ['-f', RULES]);
const after = await reach();
process.stdout.write(JSON.stringify({ status: relay.status().state, before, after }));
await relay.close();
rmSync(dataDir, { recursive: true, force: true });
process.exit(0);
