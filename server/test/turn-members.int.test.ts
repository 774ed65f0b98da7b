import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { turnCredentials } from '../src/turn/credentials.ts';
import { parseAllocations } from '../src/turn/console.ts';
import { createRevocation, type Revocation } from '../src/turn/revocation.ts';
import { Cast, joinWith } from './support/cast.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { missingCoturn, relayPorts, startTestCoturn, type TestCoturn } from './support/turn/coturn.ts';
import { TurnClient } from '../src/stun/turn-client.ts';

if (missingCoturn) console.warn(missingCoturn);

const PATIENCE = { timeout: 10_000, interval: 100 };

type Grant = { iceServers: { urls: string[]; username?: string | undefined; credential?: string | undefined }[] };

/** The half of a grant that opens the relay. */
function credentialsOf({ iceServers }: Grant) {
  const { username = '', credential = '' } = iceServers.find((each) => each.credential !== undefined) ?? {};
  return { username, credential };
}

describe.skipIf(missingCoturn)('allocations and the credentials that they were made with', () => {
  let relay: TestCoturn;
  let revocation: Revocation | undefined;
  const clients: TurnClient[] = [];

  beforeAll(async () => {
    relay = await startTestCoturn();
    expect(relay.coturn.trouble).toBeUndefined();
  });
  afterEach(() => {
    revocation?.close();
    for (const each of clients.splice(0)) each.close();
  });
  afterAll(() => relay.close());

  async function allocate(session: string, until: number): Promise<TurnClient> {
    const { port, secret } = relay.config;
    const client = await TurnClient.connect({ address: '127.0.0.1', port }, turnCredentials(secret, session, until));
    clients.push(client);
    expect(await client.allocate()).toBe(0);
    return client;
  }

  test('coturn by itself lets an allocation be refreshed when its credentials have run out', async () => {
    // Should this fail one day, coturn has learned it, and src/turn/revocation.ts has less to do.
    const until = Date.now() + 1000;
    const client = await allocate('stays', until);
    await expect.poll(() => Date.now() > until + 1000, PATIENCE).toBe(true);
    expect(await client.refresh(600)).toBe(0);
    await client.refresh(0);
  });

  test('an allocation ends soon after the credentials of its session have run out, unless there are fresh ones', async () => {
    revocation = createRevocation(relay.coturn, relay.logger, 300);
    const until = Date.now() + 1500;
    revocation.granted('lapses', until);
    revocation.granted('renews', until);
    const [lapses, renews] = await Promise.all([allocate('lapses', until), allocate('renews', until)]);
    expect(await lapses.refresh(600)).toBe(0);
    revocation.granted('renews', Date.now() + 60_000);
    await expect.poll(() => lapses.refresh(600), PATIENCE).not.toBe(0);
    expect(Date.now()).toBeGreaterThan(until);
    expect(await renews.refresh(600)).toBe(0);
    await renews.refresh(0);
  });

  test('an allocation ends with its session, and one made afterwards with what is left of its credentials ends too', async () => {
    revocation = createRevocation(relay.coturn, relay.logger, 300);
    const until = Date.now() + 60_000;
    revocation.granted('goes', until);
    revocation.granted('stays', until);
    const [goes, stays] = await Promise.all([allocate('goes', until), allocate('stays', until)]);
    revocation.revoke('goes');
    await expect.poll(() => goes.refresh(600), PATIENCE).not.toBe(0);
    const again = await allocate('goes', until);
    await expect.poll(() => again.refresh(600), PATIENCE).not.toBe(0);
    expect(await stays.refresh(600)).toBe(0);
    await stays.refresh(0);
  });
});

test("the list of coturn's console is read", () => {
  const text =
    '\n    1) id=000000000000000001, user <1795552589:sess1>:\n      realm: amphi\n      peers:\n          8.8.8.8\n\n' +
    '    2) id=001000000000000002, user <1795552590:sess-2>:\n      realm: amphi\n\n  Total sessions: 2\n\n> ';
  expect(parseAllocations(text)).toEqual([
    { id: '000000000000000001', username: '1795552589:sess1' },
    { id: '001000000000000002', username: '1795552590:sess-2' },
  ]);
  expect(parseAllocations('\n  Total sessions: 0\n\n> ')).toEqual([]);
});

describe.skipIf(missingCoturn)("a server's members and its relay", () => {
  const turn = { ...relayPorts(), credentialMinutes: 5 };
  let server: TestServer;
  let cast: Cast;

  beforeAll(async () => {
    // Behind a proxy on this machine it serves others, and so has a relay.
    server = await startTestServer({ trustProxy: 1, media: { announced: ['10.9.8.7'] }, turn });
    cast = new Cast(server);
  });
  afterAll(async () => {
    cast.leave();
    await server.close();
    expect(cast.violations).toEqual([]);
    expect(server.errors).toEqual([]);
  });

  const client = (credentials: { username: string; credential: string }) =>
    TurnClient.connect({ address: '127.0.0.1', port: turn.port }, credentials);

  test('nobody gets credentials before being let in', async () => {
    const room = await server.createRoom({ policy: { lobby: true } });
    const stranger = await cast.visit(room);
    for (const method of ['media.prepare', 'relay.renew'] as const) {
      const answer = await stranger.send(method, {});
      expect(answer).toMatchObject({ ok: false, error: { code: 'forbidden' } });
      expect(JSON.stringify(answer)).not.toContain('credential');
    }
    expect(JSON.stringify(stranger.welcome)).not.toContain('credential');
  });

  test('every session has its own, for the minutes that are set, and they end with it', async () => {
    const room = await server.createRoom();
    const [ada, ben] = [await cast.visit(room), await cast.visit(room)];
    const [forAda, forBen] = [await ada.call('media.prepare', {}), await ben.call('relay.renew', {})];
    const [first, second] = [credentialsOf(forAda.relay), credentialsOf(forBen)];
    expect(first.username).not.toBe(second.username);
    expect(first.username).toMatch(new RegExp(`:${ada.id}$`));
    const expiresAt = Number(first.username.split(':')[0]) * 1000;
    expect(Math.abs(expiresAt - Date.now() - 5 * 60_000)).toBeLessThan(10_000);
    expect(forAda.relay.expiresInMs).toBe(5 * 60_000);

    await joinWith(ada);
    const [ofAda, ofBen] = [await client(first), await client(second)];
    expect([await ofAda.allocate(), await ofBen.allocate()]).toEqual([0, 0]);
    expect(await ofAda.refresh(600)).toBe(0);
    await ada.call('leave', {});
    await expect.poll(() => ofAda.refresh(600), PATIENCE).not.toBe(0);
    expect(await ofBen.refresh(600)).toBe(0);
    ofAda.close();
    ofBen.close();
  });
});
