import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Config } from './config/schema.ts';
import { FatalError, messageOf } from './fatal.ts';
import { isLoopback, isWildcard, lanAddresses } from './net/addresses.ts';

export type Tls = { cert: string; key: string; selfSigned: boolean };

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 365;
const RENEW_DAYS = 30;

/**
 * What the server shows browsers: the configured certificate; none on loopback (which browsers trust without) or behind a
 * proxy (which has its own); else a self-signed one, because browsers give pages without TLS no camera.
 */
export async function prepareTls(config: Config): Promise<Tls | undefined> {
  const { cert, key } = config.tls;
  if (cert !== undefined && key !== undefined) return readPair(cert, key);
  if (config.trustProxy > 0 || isLoopback(config.host)) return undefined;
  return selfSigned(config);
}

/**
 * A certificate with its key, as the settings of this group name them.
 * @throws FatalError when a file cannot be read, or they do not go together.
 */
export function readPair(certPath: string, keyPath: string, group = 'tls'): Tls {
  const cert = readPem(`${group}.cert`, certPath);
  const key = readPem(`${group}.key`, keyPath);
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return { cert, key, selfSigned: false };
  } catch (error) {
    throw new FatalError(
      `The certificate ${certPath} or its key ${keyPath} is not valid PEM (${messageOf(error)}): check both files.`,
    );
  }
  throw new FatalError(
    `The key ${keyPath} does not belong to the certificate ${certPath}: name a pair that goes together.`,
  );
}

function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FatalError(
      `The file of "${setting}" cannot be read (${messageOf(error)}): correct the path, or let this user read it.`,
    );
  }
}

/** The self-signed pair in the data folder; made anew when it expires soon or lacks an address of this machine. */
async function selfSigned(config: Config): Promise<Tls> {
  const certPath = join(config.dataDir, 'self-signed.crt');
  const keyPath = join(config.dataDir, 'self-signed.key');
  const names = certificateNames(config);
  if (existsSync(certPath) && existsSync(keyPath) && stillGood(certPath, names)) {
    return { ...readPair(certPath, keyPath), selfSigned: true };
  }
  const made = await generate([{ name: 'commonName', value: 'Amphi (self-signed)' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  writeFileSync(keyPath, made.private, { mode: 0o600 });
  writeFileSync(certPath, made.cert, { mode: 0o600 });
  return { cert: made.cert, key: made.private, selfSigned: true };
}

function certificateNames(config: Config): string[] {
  const names = ['localhost', '127.0.0.1', '::1', hostname(), ...lanAddresses()];
  if (!isWildcard(config.host)) names.push(config.host);
  if (config.publicUrl) names.push(new URL(config.publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(names)];
}

function stillGood(certPath: string, names: readonly string[]): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(certPath));
    const covers = (name: string) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name));
    const left = Date.parse(certificate.validTo) - Date.now();
    return left > RENEW_DAYS * DAY_MS && names.every((name) => covers(name) !== undefined);
  } catch {
    return false;
  }
}
