import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { FatalError, messageOf } from '../fatal.ts';
import { isLoopback } from '../net/addresses.ts';
import { readPair } from '../tls.ts';
import { failed, type Finding, ok, skipped, warn } from './finding.ts';

const DAY_MS = 24 * 3_600_000;
const SOON_DAYS = 14;

/** Whether browsers will take the certificate: of the page, and of the relay where it has one of its own. */
export function examineCertificates(config: Config, now = Date.now()): Finding[] {
  const { tls, turn, dataDir, trustProxy, host } = config;
  const name = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).hostname.replace(/^\[|\]$/g, '');
  const findings = [pageCertificate()];
  if (turn.cert !== undefined && turn.key !== undefined) {
    const relayName = turn.host ?? name;
    findings.push(
      examine(
        'turn-certificate',
        "The relay's certificate",
        { cert: turn.cert, key: turn.key, group: 'turn' },
        relayName,
        now,
      ),
    );
  }
  return findings;

  function pageCertificate(): Finding {
    const [id, title] = ['certificate', 'Certificate'];
    if (tls.cert !== undefined && tls.key !== undefined)
      return examine(id, title, { cert: tls.cert, key: tls.key, group: 'tls' }, name, now);
    if (trustProxy > 0) return skipped(id, title, 'The proxy in front has it.');
    if (isLoopback(host)) return skipped(id, title, 'None is needed on this machine itself.');
    const path = join(dataDir, 'self-signed.crt');
    const until = existsSync(path) ? `, good until ${new X509Certificate(readFileSync(path)).validTo}` : '';
    const cure =
      'Name one of yours with "tls.cert" and "tls.key", or put a proxy in front that fetches one: docs/deploy.md.';
    return warn(id, title, `It is self-signed${until}: browsers warn, and take no TURN over TLS.`, cure);
  }
}

type Pair = { cert: string; key: string; group: string };

function examine(
  id: string,
  title: string,
  { cert, key, group }: Pair,
  name: string | undefined,
  now: number,
): Finding {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(readPair(cert, key, group).cert);
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    return failed(id, title, messageOf(error), `Correct "${group}.cert" and "${group}.key".`);
  }
  const renew = 'Renew it, then restart the server.';
  const daysLeft = Math.floor((Date.parse(certificate.validTo) - now) / DAY_MS);
  if (daysLeft < 0) return failed(id, title, `${cert} expired on ${certificate.validTo}.`, renew);
  if (Date.parse(certificate.validFrom) > now)
    return failed(
      id,
      title,
      `${cert} is good only from ${certificate.validFrom} on.`,
      'Set the clock of this machine.',
    );
  if (name !== undefined && !covers(certificate, name)) {
    const cure = `Have one made for ${name}, or correct "publicUrl" or "turn.host".`;
    return failed(
      id,
      title,
      `${cert} is for ${certificate.subjectAltName ?? certificate.subject}, and not for ${name}.`,
      cure,
    );
  }
  if (daysLeft < SOON_DAYS) return warn(id, title, `${cert} expires in ${daysLeft} days.`, renew);
  return ok(id, title, `${cert} is good for ${daysLeft} days${name === undefined ? '' : `, for ${name}`}.`);
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
