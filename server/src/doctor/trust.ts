import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Config } from '../config/schema.ts';

/** Makes this process trust the certificate that the server made for itself, beside those that it trusts anyway. */
export function trustSelfSigned({ dataDir }: Config): void {
  const path = join(dataDir, 'self-signed.crt');
  if (existsSync(path)) setDefaultCACertificates([...getCACertificates('default'), readFileSync(path, 'utf8')]);
}
