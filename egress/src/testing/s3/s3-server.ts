import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Options } from '../../storage/s3.ts';

/** Debian's, for Swift comes with its packages. */
const PYTHON = '/usr/bin/python3';
const START_MS = 60_000;
/** The server also takes `BUCKET.` in front of this name of its host. */
export const S3_DOMAIN = 's3.test';

/** Why there is no S3 server to test with, or undefined where there is. */
export function missingS3(): string | undefined {
  const { status } = spawnSync(PYTHON, ['-c', 'import swift.common, paste.deploy']);
  return status === 0 ? undefined : 'SKIP: the S3 storage is not tested: it takes the Debian package python3-swift\n';
}

/**
 * A real S3 server: OpenStack Swift with its S3 API (signatures, multipart uploads of at least 5 MiB a part), in a process
 * of its own on loopback. What is stored is in its memory, and gone with it.
 */
export class S3Server {
  readonly options: S3Options;
  readonly #stop: () => Promise<void>;

  private constructor(options: S3Options, stop: () => Promise<void>) {
    this.options = options;
    this.#stop = stop;
  }

  /** With a bucket in it. */
  static async start(): Promise<S3Server> {
    const folder = await mkdtemp(join(tmpdir(), 'amphi-s3-'));
    const keys = { accessKeyId: 'test:amphi', secretAccessKey: 'only-for-tests' };
    const script = join(import.meta.dirname, 's3_server.py');
    const child = spawn(PYTHON, [script, folder, keys.accessKeyId, keys.secretAccessKey, S3_DOMAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const stop = async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    };
    try {
      const line = await new Promise<string>((resolve, reject) => {
        createInterface(child.stdout).once('line', resolve);
        void ended.then(() => reject(new Error('the S3 server ended')));
        setTimeout(() => reject(new Error('the S3 server does not start')), START_MS).unref();
      });
      const endpoint = `http://127.0.0.1:${Number(line)}`;
      const options = { endpoint, region: 'eu-test-1', bucket: 'recordings', ...keys, pathStyle: true };
      await makeBucket(options);
      return new S3Server(options, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#stop();
  }
}

async function makeBucket({ endpoint, bucket, ...more }: S3Options): Promise<void> {
  const signer = new AwsV4Signer({ method: 'PUT', url: `${endpoint}/${bucket}`, service: 's3', ...more });
  const { url, headers } = await signer.sign();
  const { ok, status } = await fetch(url, { method: 'PUT', headers });
  if (!ok) throw new Error(`the S3 server makes no bucket (${status})`);
}
