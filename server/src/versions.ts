import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mediasoupVersion } from '@amphi/media';

const ROOT = join(import.meta.dirname, '..', '..');

/** What runs here, by name. */
export const VERSIONS = {
  amphi: (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  node: process.versions.node,
  mediasoup: mediasoupVersion,
} as const;
