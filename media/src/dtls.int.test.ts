import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { routerCodecs } from './codecs.ts';
import { DtlsPeer, type Identity, makeIdentity } from './dtls-testing.ts';
import { opus } from './rtp-testing.ts';
import { planeOptions } from './testing.ts';
import { type LiveWorker, startWorker, stopWorker } from './worker-process.ts';

const missing = spawnSync('openssl', ['version']).status !== 0;
if (missing) process.stderr.write('SKIP: DTLS is not tried, openssl is not installed\n');

const MODERN = ['-dtls1_2', '-use_srtp', 'SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80'];

async function start(): Promise<LiveWorker> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await startWorker(planeOptions(), 0, 0);
    } catch (error) {
      if (attempt > 4) throw error;
    }
  }
}

async function transportOn({ worker, webRtcServer }: LiveWorker): Promise<types.WebRtcTransport> {
  const router = await worker.createRouter({ mediaCodecs: routerCodecs(['vp8']) });
  return router.createWebRtcTransport({ webRtcServer });
}

describe.skipIf(missing)('DTLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-dtls-'));
  const peers: DtlsPeer[] = [];
  let live: LiveWorker;
  let transport: types.WebRtcTransport;
  let identity: Identity;

  beforeAll(async () => {
    identity = makeIdentity(folder, 'client');
    live = await start();
  });
  afterEach(() => {
    for (const each of peers.splice(0)) each.close();
    transport?.close();
  });
  afterAll(async () => {
    await stopWorker(live.worker);
    rmSync(folder, { recursive: true });
  });

  /** A transport that expects this fingerprint, and somebody at the other end of it. */
  async function meet(fingerprint = identity.fingerprint): Promise<DtlsPeer> {
    transport = await transportOn(live);
    await transport.connect({
      dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] },
    });
    return peer();
  }

  function peer(): DtlsPeer {
    const made = new DtlsPeer(transport);
    peers.push(made);
    return made;
  }

  const state = () => transport.dtlsState;

  test('speaks DTLS 1.2 with forward secrecy and AEAD, and an SRTP profile', async () => {
    const client = await meet();
    await client.consent();
    await client.connect(identity, MODERN);
    await expect.poll(state, { timeout: 5000 }).toBe('connected');
    await expect.poll(() => client.output).toMatch(/Cipher is ECDHE-ECDSA-(AES\d+-GCM|CHACHA20)/);
    expect(client.output).toContain('Protocol  : DTLSv1.2');
    expect(client.output).toMatch(/SRTP Extension negotiated, profile=SRTP_AE/);
  });

  test.each<[string, string[]]>([
    ['DTLS 1.0', ['-dtls1', '-cipher', 'ALL:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['no encryption', ['-dtls1_2', '-cipher', 'eNULL:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['nobody authenticated', ['-dtls1_2', '-cipher', 'aNULL:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['no forward secrecy', ['-dtls1_2', '-cipher', 'kRSA:@SECLEVEL=0', '-use_srtp', 'SRTP_AES128_CM_SHA1_80']],
    ['RC4, DES and export ciphers', ['-dtls1_2', '-cipher', '3DES:RC4:EXPORT:@SECLEVEL=0']],
  ])('refuses %s', async (_what, args) => {
    const client = await meet();
    await client.consent();
    // Where this OpenSSL does not have such a suite, it offers nothing, and says so.
    void client.connect(identity, args);
    await expect.poll(() => client.output, { timeout: 10_000 }).toMatch(/alert|no cipher|no protocols/i);
    expect(client.output).not.toMatch(/Cipher is [A-Z]+-/);
    expect(state()).not.toBe('connected');
  });

  test('ends a connection whose certificate is another than the signaling said', async () => {
    const client = await meet(makeIdentity(folder, 'other').fingerprint);
    await client.consent();
    await client.connect(identity, MODERN);
    await expect.poll(state, { timeout: 5000 }).toBe('failed');
  });

  test('takes no ClientHello from an address without ICE consent', async () => {
    const client = await meet();
    const rogue = peer();
    await rogue.connect(identity, MODERN);
    await client.consent();
    await client.connect(identity, MODERN);
    await expect.poll(state, { timeout: 5000 }).toBe('connected');
    expect(rogue.sent).toBeGreaterThan(0);
    expect(rogue.received).toBe(0);
  });

  test('packets that nobody authenticated are dropped, and the connection lives on', async () => {
    const client = await meet();
    await client.consent();
    await client.connect(identity, MODERN);
    await expect.poll(state, { timeout: 5000 }).toBe('connected');
    const ssrc = randomInt(1, 2 ** 31);
    const producer = await transport.produce({
      kind: 'audio',
      rtpParameters: opus(ssrc) as unknown as types.RtpParameters,
    });
    const before = (await transport.getStats())[0]?.bytesReceived ?? 0;
    for (let n = 0; n < 500; n++) {
      // Well-formed headers with a made-up tag, cut-off headers, and what only begins like RTP or RTCP.
      const header = Buffer.from([0x80, 111, n >> 8, n & 255, 0, 0, 0, n & 255, 0, 0, 0, 0]);
      header.writeUInt32BE(ssrc, 8);
      client.send(Buffer.concat([header, randomBytes(n % 64)]));
      client.send(header.subarray(0, n % 12));
      client.send(Buffer.concat([Buffer.from([0x80 | (n % 64), 200 + (n % 8)]), randomBytes(n % 100)]));
    }
    // The socket keeps order: when this is answered, all of that was looked at.
    await client.consent();
    expect((await transport.getStats())[0]?.bytesReceived).toBeGreaterThan(before);
    expect(state()).toBe('connected');
    expect(live.worker.closed).toBe(false);
    // None of it counts as media of the track.
    const packets = (await producer.getStats()).reduce((sum, { packetCount }) => sum + packetCount, 0);
    expect(packets).toBe(0);
  });
});

test('every worker makes a certificate of its own, at every start', async () => {
  const seen: string[] = [];
  for (let n = 0; n < 3; n++) {
    const live = await start();
    const { dtlsParameters } = await transportOn(live);
    seen.push(dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256')?.value ?? '');
    await stopWorker(live.worker);
  }
  expect(seen.every((value) => /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(value))).toBe(true);
  expect(new Set(seen).size).toBe(3);
});
