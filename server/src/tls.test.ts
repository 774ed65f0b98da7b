import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConfigInput, configSchema } from './config/schema.ts';
import { prepareTls } from './tls.ts';

describe('TLS', () => {
  let dataDir: string;
  const config = (rest: ConfigInput) => configSchema.parse({ dataDir, ...rest });

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'amphi-tls-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  test('is not needed on loopback, nor behind a proxy', async () => {
    expect(await prepareTls(config({ host: 'localhost' }))).toBeUndefined();
    expect(await prepareTls(config({ host: '0.0.0.0', trustProxy: 1 }))).toBeUndefined();
  });

  test('for other machines has a certificate of its own for all names, kept for the next start', async () => {
    const options = config({ host: '0.0.0.0', publicUrl: 'https://meet.example.org' });
    const first = await prepareTls(options);
    const certificate = new X509Certificate(first?.cert ?? '');
    expect(first?.selfSigned).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('meet.example.org')).toBe('meet.example.org');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(statSync(join(dataDir, 'self-signed.key')).mode & 0o777).toBe(0o600);
    expect(await prepareTls(options)).toEqual(first);
  });

  test('is made anew when it lacks a name', async () => {
    const first = await prepareTls(config({ host: '0.0.0.0' }));
    const second = await prepareTls(config({ host: '0.0.0.0', publicUrl: 'https://new.example.org' }));
    expect(second?.cert).not.toBe(first?.cert);
    expect(new X509Certificate(second?.cert ?? '').checkHost('new.example.org')).toBeDefined();
  });

  test('takes a pair that goes together, and refuses others in a sentence', async () => {
    await prepareTls(config({ host: '0.0.0.0' }));
    const [cert, key] = [join(dataDir, 'own.crt'), join(dataDir, 'own.key')];
    copyFileSync(join(dataDir, 'self-signed.crt'), cert);
    copyFileSync(join(dataDir, 'self-signed.key'), key);
    expect(await prepareTls(config({ tls: { cert, key } }))).toMatchObject({ selfSigned: false });

    rmSync(join(dataDir, 'self-signed.key'));
    await prepareTls(config({ host: '0.0.0.0' }));
    const other = join(dataDir, 'self-signed.key');
    await expect(prepareTls(config({ tls: { cert, key: other } }))).rejects.toThrow(/does not belong to/);
    await expect(prepareTls(config({ tls: { cert: '/nowhere.crt', key } }))).rejects.toThrow(
      /"tls.cert" cannot be read/,
    );
    writeFileSync(cert, 'no certificate');
    await expect(prepareTls(config({ tls: { cert, key } }))).rejects.toThrow(/not valid PEM/);
  });
});
