import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methods } from '@amphi/features/protocols.ts';
import { AmphiError } from '@amphi/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cast, joinInput } from './support/cast.ts';
import { type SpawnedServer, spawnServer } from './support/spawned-server.ts';
import { missingCoturn, newSecret, relayPorts } from './support/turn/coturn.ts';
import { TurnClient } from '../src/stun/turn-client.ts';

if (missingCoturn) console.warn(missingCoturn);

const PASSWORD = 'xylophone-42-umbrella';
const NAME = 'Wilhelmina Unlogged';
const WORDS = 'what people write stays among them';

let server: SpawnedServer;
/** Everything that no log may hold, by what it is. */
const secrets = new Map<string, string>();
const keep = (what: string, secret: string | undefined) => {
  if (secret !== undefined && secret !== '') secrets.set(what, secret);
};

beforeAll(async () => {
  const { port, tlsPort, minPort, maxPort } = relayPorts();
  const turnSecret = newSecret();
  keep('the relay’s secret by configuration', turnSecret);
  server = await spawnServer({
    // Behind a proxy, because only then there is a relay beside a server on loopback.
    args: ['--log-level=debug', '--trust-proxy=1', '--media-announced=127.0.0.1'],
    env: {
      AMPHI_TURN_MODE: missingCoturn ? 'off' : 'auto',
      AMPHI_TURN_SECRET: turnSecret,
      AMPHI_TURN_PORT: String(port),
      AMPHI_TURN_TLS_PORT: String(tlsPort),
      AMPHI_TURN_MIN_PORT: String(minPort),
      AMPHI_TURN_MAX_PORT: String(maxPort),
    },
  });
}, 60_000);
afterAll(() => server.close());

test(
  'a log at its most talkative holds no secret, no name and nothing that was said',
  { timeout: 60_000 },
  async () => {
    for (const [name, value] of Object.entries(
      JSON.parse(readFileSync(join(server.dataDir, 'secrets.json'), 'utf8')) as object,
    )) {
      keep(`the installation’s ${name}`, String(value));
    }
    const cast = new Cast(server);
    const room = await server.createRoom({ policy: { password: PASSWORD } });
    keep('the host key', server.hostKeyOf(room));
    keep('the password', PASSWORD);
    const guest = randomUUID();
    keep('what a guest’s browser calls itself', guest);

    // A host, and a guest by password, whose passes bring them back.
    const host = await cast.host(room, { name: NAME, from: '198.51.100.1' });
    const visitor = await cast.visit(room, { guest, from: '203.0.113.1' });
    for (const password of ['guessed-wrong', PASSWORD]) {
      await visitor.send('join', { ...joinInput(visitor, { name: NAME }), password });
    }
    const { snapshot } = await visitor.call('session.sync', {});
    keep('the host’s pass', host.snapshot.self.pass);
    keep('the guest’s pass', snapshot.self.pass);
    keep('the host’s resume token', host.wire.welcome.resumeToken);
    keep('the guest’s resume token', visitor.welcome.resumeToken);
    keep('a name', NAME);
    keep('a message', WORDS);
    await visitor.call('chat.send', { text: WORDS });

    // Everything there is, well and ill said, from both.
    for (const method of Object.keys(methods).filter((name) => name !== 'leave' && name !== 'room.end')) {
      for (const wire of [host.wire, visitor]) {
        await wire.send(method, {});
        await wire.send(method, { password: PASSWORD, token: snapshot.self.pass, name: NAME, text: WORDS });
      }
    }
    await visitor.drop();
    await visitor.resume();
    // Failures at the door are what is logged most likely.
    const bad = { token: `${snapshot.self.pass}x`, hostKey: `${server.hostKeyOf(room)}x` };
    for (const credentials of [{ token: bad.token }, { hostKey: bad.hostKey }, bad]) {
      await expect(cast.visit(room, { ...credentials, guest, from: '203.0.113.2' })).rejects.toBeInstanceOf(AmphiError);
    }
    await expect(
      cast.visit('nowhere', { hostKey: server.hostKeyOf(room), from: '203.0.113.2' }),
    ).rejects.toBeInstanceOf(AmphiError);
    await cast.visit(room, { token: host.snapshot.self.pass, from: '198.51.100.1' });

    // The relay is used, and its credentials with it.
    const { iceServers } = await host.wire.call('relay.renew', {});
    const turn = iceServers.find(({ credential }) => credential !== undefined);
    if (!missingCoturn) {
      const { username = '', credential = '', urls = [] } = turn ?? {};
      keep('the relay’s credential', credential);
      const port = Number(/:(\d+)\?transport=udp/.exec(urls.join(' '))?.[1]);
      const client = await TurnClient.connect({ address: '127.0.0.1', port }, { username, credential });
      await client.allocate().finally(() => client.close());
      const wrong = await TurnClient.connect({ address: '127.0.0.1', port }, { username, credential: 'wrong' });
      await wrong.allocate().catch(() => {});
      wrong.close();
    }
    await host.wire.call('moderate.remove', { memberId: visitor.id, ban: true });
    await host.wire.call('room.end', {});
    cast.leave();
    await server.kill('SIGTERM');

    const log = server.output();
    expect(log).toContain('session began');
    expect(log.split('\n').length).toBeGreaterThan(10);
    const found = [...secrets].filter(([, secret]) => log.includes(secret)).map(([what]) => what);
    expect(found, log).toEqual([]);
    expect(secrets.size).toBeGreaterThanOrEqual(missingCoturn ? 13 : 14);
  },
);
