import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { turnCredentials } from '../src/turn/credentials.ts';
import { missingCoturn, startTestCoturn, type TestCoturn } from './support/turn/coturn.ts';
import { REQUESTS } from '../src/stun/message.ts';
import { type Credentials, TurnClient } from '../src/stun/turn-client.ts';

if (missingCoturn) console.warn(missingCoturn);

/** The SFU's address, which is private as in most networks, and this machine's other ones. */
const SFU = { 4: '10.9.8.7', 6: 'fd00:9:8::7' };
const OWN = { 4: '9.9.9.8', 6: '2620:fe::8' };

const FORBIDDEN = 403;
const UNAUTHORIZED = 401;
const UNSUPPORTED_TRANSPORT = 442;
const QUOTA_REACHED = 486;

const SPECIAL_IPV4 = [
  ['this network', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['private', '10.0.0.5'],
  ['private, beside the SFU', '10.9.8.6'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['carrier-grade NAT, its end', '100.127.255.254'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.1.2.3'],
  ['link-local', '169.254.1.1'],
  ["a cloud's metadata", '169.254.169.254'],
  ['private', '172.16.0.9'],
  ['private, its end', '172.31.255.254'],
  ['IETF protocols', '192.0.0.1'],
  ['documentation', '192.0.2.5'],
  ['AS112', '192.31.196.1'],
  ['AMT', '192.52.193.1'],
  ['6to4', '192.88.99.1'],
  ['private', '192.168.1.1'],
  ['AS112', '192.175.48.1'],
  ['benchmarks', '198.18.0.1'],
  ['benchmarks, their end', '198.19.255.254'],
  ['documentation', '198.51.100.7'],
  ['documentation', '203.0.113.9'],
  ['multicast', '224.0.0.1'],
  ['multicast, its end', '239.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
] as const;

const SPECIAL_IPV6 = [
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['mapped loopback', '::ffff:127.0.0.1'],
  ['mapped private', '::ffff:10.0.0.5'],
  ['mapped metadata', '::ffff:169.254.169.254'],
  ['mapped public', '::ffff:8.8.8.8'],
  ['compatible loopback', '::127.0.0.1'],
  ['translated loopback', '64:ff9b::7f00:1'],
  ['translated metadata', '64:ff9b::a9fe:a9fe'],
  ['locally translated', '64:ff9b:1::1'],
  ['discard only', '100::1'],
  ['Teredo', '2001::1'],
  ['benchmarks', '2001:2::1'],
  ['ORCHID', '2001:20::1'],
  ['documentation', '2001:db8::1'],
  ['6to4 of loopback', '2002:7f00:1::'],
  ['AS112', '2620:4f:8000::1'],
  ['documentation', '3fff::1'],
  ['segment routing', '5f00::1'],
  ['unique local', 'fc00::1'],
  ['unique local', 'fd00::1'],
  ['metadata', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
] as const;

describe.skipIf(missingCoturn)('the relay', () => {
  let relay: TestCoturn;
  const clients: TurnClient[] = [];

  beforeAll(async () => {
    relay = await startTestCoturn({
      allowedPeers: [SFU[4], SFU[6], '127.0.0.1', '::1'],
      deniedPeers: [OWN[4], OWN[6]],
    });
    expect(relay.coturn.trouble).toBeUndefined();
  });
  afterAll(async () => {
    for (const each of clients) each.close();
    await relay.close();
  });

  const good = (session: string, expiresInMs = 60_000) =>
    turnCredentials(relay.config.secret, session, Date.now() + expiresInMs);

  async function client(credentials: Credentials, over: 'udp' | 'tcp' | 'tls' = 'udp'): Promise<TurnClient> {
    const port = over === 'tls' ? (relay.config.tls?.port ?? 0) : relay.config.port;
    const made = await TurnClient.connect({ address: '127.0.0.1', port, over }, credentials);
    clients.push(made);
    return made;
  }

  describe.each([
    { family: 4 as const, special: SPECIAL_IPV4, publicAddress: '8.8.8.8' },
    { family: 6 as const, special: SPECIAL_IPV6, publicAddress: '2001:4860:4860::8888' },
  ])('over IPv$family', ({ family, special, publicAddress }) => {
    let member: TurnClient;
    let channel = 0x4000;

    beforeAll(async () => {
      member = await client(good(`family${family}`));
      expect(await member.allocate({ family })).toBe(0);
    });

    test.each([
      ['a public address', publicAddress],
      ["the SFU's address", SFU[family]],
    ])('goes to %s', async (_what, address) => {
      expect(await member.permit(address)).toBe(0);
      expect(await member.bindChannel(channel++, address)).toBe(0);
    });

    test.each([...special, ['an address of this machine', OWN[family]] as const])(
      'does not go to %s: %s',
      async (_what, address) => {
        expect(await member.permit(address)).toBe(FORBIDDEN);
        expect(await member.bindChannel(channel++, address)).toBe(FORBIDDEN);
      },
    );
  });

  test.each(['udp', 'tcp', 'tls'] as const)('serves members over %s', async (over) => {
    const member = await client(good(`over-${over}`), over);
    expect(await member.allocate()).toBe(0);
    expect(await member.refresh(0)).toBe(0);
  });

  test('relays UDP only', async () => {
    expect(await (await client(good('tcp'), 'tcp')).allocate({ transport: 'tcp' })).toBe(UNSUPPORTED_TRANSPORT);
  });

  test('takes no credentials that have expired, or that somebody made up', async () => {
    expect(await (await client(good('late', -5000))).allocate()).toBe(UNAUTHORIZED);
    const another = turnCredentials('0123456789abcdef0123456789abcdef', 'guess', Date.now() + 60_000);
    expect(await (await client(another)).allocate()).toBe(UNAUTHORIZED);
    const { username } = good('prolonged');
    const { credential } = good('prolonged', 120_000);
    expect(await (await client({ username, credential })).allocate()).toBe(UNAUTHORIZED);
    expect(await (await client({ username: 'user', credential: 'password' })).allocate()).toBe(UNAUTHORIZED);
  });

  test('lets one member hold so many ports and no more, over however many credentials', async () => {
    const codes: number[] = [];
    for (let n = 0; n < 14; n++) {
      codes.push(await (await client(good('greedy', 60_000 + n * 1000))).allocate());
    }
    const { allocationsPerMember } = relay.config;
    expect(codes.slice(0, allocationsPerMember).every((code) => code === 0)).toBe(true);
    expect(codes.slice(allocationsPerMember)).toEqual([QUOTA_REACHED, QUOTA_REACHED]);
    expect(await (await client(good('modest'))).allocate()).toBe(0);
  });

  test('is of no use to those who want small questions answered at length to somebody else', async () => {
    const stranger = await client({ username: '', credential: '' });
    const binding = await stranger.raw(REQUESTS.binding);
    expect(binding.response.code).toBe(0);
    expect(binding.response.size / binding.sent).toBeLessThan(2);
    const allocation = await stranger.raw(REQUESTS.allocate);
    expect(allocation.response.code).toBe(UNAUTHORIZED);
    expect(allocation.response.size / allocation.sent).toBeLessThan(4);
  });

  test('says nothing of credentials to the log', () => {
    const log = relay.lines.join('\n');
    expect(log).toContain('denied in the range');
    expect(log).not.toContain(relay.config.secret);
    for (const session of ['late', 'guess', 'greedy', 'family4']) expect(log).not.toContain(session);
  });
});
