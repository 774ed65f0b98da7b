import { xmlText } from './xml.ts';

/**
 * `unreachable`: no answer. `busy`: it says to come again. `keys`: it does not know them, or they may not do that.
 * `bucket`: there is none of that name. `clock`: this machine's and its own are too far apart. `region`: another is
 * expected. `gone`: what was asked for is not there any more. `refused`: anything else.
 */
export type StorageReason = 'unreachable' | 'busy' | 'keys' | 'bucket' | 'clock' | 'region' | 'gone' | 'refused';

/** Why the storage did not do what it was asked to. The message is a sentence that says what can be done. */
export class StorageProblem extends Error {
  readonly reason: StorageReason;

  constructor(reason: StorageReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageProblem';
    this.reason = reason;
  }
}

const KEYS = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken', 'Unauthorized']);
const GONE = new Set(['NoSuchKey', 'NoSuchUpload', 'NotFound']);

/** Of an answer that is no success; `body` is empty for HEAD. */
export function problemOf(status: number, body: string, where: { endpoint: string; bucket: string }): StorageProblem {
  const code = xmlText(body, 'Code') ?? '';
  const said = code === '' ? `status ${status}` : code;
  const { endpoint, bucket } = where;
  if (KEYS.has(code) || status === 401) {
    const cure = 'correct "s3.accessKeyId" and "s3.secretAccessKey"';
    return new StorageProblem('keys', `The storage at ${endpoint} refuses the keys (${said}): ${cure}.`);
  }
  if (code === 'RequestTimeTooSkewed' || code === 'RequestExpired') {
    return new StorageProblem(
      'clock',
      `The storage at ${endpoint} has another time (${said}): set this machine's clock.`,
    );
  }
  if (code === 'NoSuchBucket') {
    return new StorageProblem(
      'bucket',
      `The storage at ${endpoint} has no bucket "${bucket}": make it, or correct "s3.bucket".`,
    );
  }
  if (code === 'AuthorizationHeaderMalformed' || (status >= 300 && status < 400)) {
    const region = xmlText(body, 'Region');
    const cure = region === undefined ? 'correct "s3.region" and "s3.endpoint"' : `set "s3.region" to ${region}`;
    return new StorageProblem(
      'region',
      `The storage at ${endpoint} expects another region or address (${said}): ${cure}.`,
    );
  }
  if (status === 403) {
    const cure = 'let them read, write, list and delete there';
    return new StorageProblem('keys', `The keys may not do that in the bucket "${bucket}" (${said}): ${cure}.`);
  }
  if (GONE.has(code) || status === 404) return new StorageProblem('gone', `The storage has it no more (${said}).`);
  if (status >= 500 || status === 429) {
    return new StorageProblem('busy', `The storage at ${endpoint} cannot do it now (${said}).`);
  }
  const message = xmlText(body, 'Message');
  return new StorageProblem('refused', `The storage at ${endpoint} refuses (${said}${message ? `: ${message}` : ''}).`);
}
