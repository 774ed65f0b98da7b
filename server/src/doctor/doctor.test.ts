import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConfigInput, configSchema } from '../config/schema.ts';
import { examineCertificates } from './certificate.ts';
import { originOf } from './examine.ts';
import {
  examineClock,
  examineCoturn,
  examineDataFolder,
  examineDisk,
  examineFfmpeg,
  examineWorker,
} from './machine.ts';
import { examineAnnounced } from './ports.ts';

const DAY_MS = 24 * 3_600_000;
const GB = 1024 ** 3;
const nothing = () => undefined;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const config = (input: ConfigInput = {}) => configSchema.parse({ dataDir: folder, ...input });

describe('certificates', () => {
  let tls: { cert: string; key: string };
  beforeAll(async () => {
    const made = await generate([{ name: 'commonName', value: 'test' }], {
      notAfterDate: new Date(Date.now() + 90 * DAY_MS),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'meet.example.org' }] }],
    });
    tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    writeFileSync(tls.cert, made.cert);
    writeFileSync(tls.key, made.private);
  });

  test.each([
    ['good', 'https://meet.example.org', 0, 'ok', /good for 89 days, for meet\.example\.org/],
    ['expiring soon', 'https://meet.example.org', 80, 'warn', /expires in 9 days/],
    ['expired', 'https://meet.example.org', 91, 'failed', /expired/],
    ['for another name', 'https://call.example.org', 0, 'failed', /not for call\.example\.org/],
  ] as const)('%s', (_what, publicUrl, daysOn, state, found) => {
    const now = Date.now() + daysOn * DAY_MS;
    expect(examineCertificates(config({ tls, publicUrl }), now)).toMatchObject([
      { id: 'certificate', state, found: expect.stringMatching(found) },
    ]);
  });

  test('the relay has one of its own', () => {
    const turn = { ...tls, host: 'turn.example.org' };
    expect(examineCertificates(config({ turn, trustProxy: 1 }))).toMatchObject([
      { id: 'certificate', state: 'skipped' },
      { id: 'turn-certificate', state: 'failed', cure: expect.stringContaining('turn.example.org') },
    ]);
  });

  test('a pair that does not go together', () => {
    const wrong = { cert: tls.cert, key: tls.cert };
    expect(examineCertificates(config({ tls: wrong }))).toMatchObject([{ state: 'failed', cure: expect.any(String) }]);
  });
});

test.each([
  [0.1, 'failed'],
  [1, 'warn'],
  [50, 'ok'],
  [undefined, 'skipped'],
] as const)('%s GB free: %s', (free, state) => {
  expect(examineDisk(config(), () => (free === undefined ? undefined : free * GB)).state).toBe(state);
});

test.each([
  [Date.now(), true, 'ok'],
  [Date.now(), false, 'warn'],
  [Date.now(), undefined, 'skipped'],
  [Date.parse('2020-01-01'), true, 'failed'],
] as const)('a clock that says %s and is kept right: %s', async (now, kept, state) => {
  expect((await examineClock(now, async () => kept)).state).toBe(state);
});

test('a data folder that others can read', () => {
  chmodSync(folder, 0o755);
  expect(examineDataFolder(config())).toMatchObject({ state: 'warn', cure: expect.stringContaining('chmod go-rwx') });
  chmodSync(folder, 0o700);
  expect(examineDataFolder(config()).state).toBe('ok');
});

test('programs that are not there are named with the way to get them', async () => {
  expect(await examineFfmpeg(nothing)).toMatchObject({ state: 'warn', cure: expect.stringContaining('install') });
  const served = config({ host: '0.0.0.0' });
  expect(await examineCoturn(served, nothing)).toMatchObject({
    state: 'warn',
    cure: expect.stringContaining('coturn'),
  });
  expect((await examineCoturn(config(), nothing)).state).toBe('skipped');
  const workerBin = join(folder, 'no-worker');
  expect(examineWorker(config({ media: { workerBin } }), {})).toMatchObject({
    state: 'failed',
    cure: expect.any(String),
  });
  expect(examineWorker(config({ media: { workerBin: process.execPath } }), {}).state).toBe('failed');
});

test.each([
  ['own', { media: { announced: ['198.51.100.4'] } }, ['198.51.100.4'], 'ok'],
  ['behind NAT', { media: { announced: ['198.51.100.4'] } }, ['10.0.0.4'], 'warn'],
  ['loopback, for others', { host: '0.0.0.0', media: { announced: ['127.0.0.1'] } }, ['10.0.0.4'], 'failed'],
  ['private, on the internet', { publicUrl: 'https://meet.example.org' }, ['10.0.0.4'], 'failed'],
  ['private, at home', { host: '0.0.0.0' }, ['10.0.0.4'], 'ok'],
] as const)('announced address: %s', (_what, input, own, state) => {
  expect(examineAnnounced(config(input as ConfigInput), own).state).toBe(state);
});

test('where the server is asked', () => {
  expect(originOf(config({ port: 3000 }))).toBe('http://localhost:3000');
  expect(originOf(config({ host: '0.0.0.0', port: 443 }))).toBe('https://localhost:443');
  expect(originOf(config({ host: '10.0.0.4', port: 3000 }))).toBe('https://10.0.0.4:3000');
  expect(originOf(config({ host: '127.0.0.1', trustProxy: 1, port: 3000 }))).toBe('http://localhost:3000');
});
