import { AwsV4Signer } from 'aws4fetch';
import { problemOf, StorageProblem } from './problem.ts';
import { escapeXml, xmlAll, xmlText } from './xml.ts';

export type S3Options = {
  /** `https://s3.example.org` */
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket in the path (most servers of one's own), else in front of the host name (most providers). */
  pathStyle: boolean;
  /** So many entries of a list are asked for at once; the storage's own limit where it is not said. */
  pageSize?: number;
};

/** Not shared with a thread, which could change what is being signed. */
export type Bytes = Uint8Array<ArrayBuffer>;

export type UploadedPart = { etag: string };
export type OpenUpload = { key: string; uploadId: string };

/**
 * What of the S3 protocol is needed here. Everything rejects with StorageProblem, and as the signal says. What is sent is
 * signed with its hash, so that the storage takes no byte that was changed on the way.
 */
export interface ObjectStore {
  /** Where it is, for people: `https://s3.example.org/bucket`. */
  readonly name: string;
  put(key: string, bytes: Bytes, signal?: AbortSignal): Promise<void>;
  /** The bytes from `start` to `end`, both included. */
  get(key: string, range: { start: number; end: number }, signal?: AbortSignal): Promise<ReadableStream<Bytes>>;
  /** Its size in bytes; undefined where there is none. */
  sizeOf(key: string, signal?: AbortSignal): Promise<number | undefined>;
  list(prefix: string, signal?: AbortSignal): Promise<string[]>;
  /** No failure where there is none. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  beginUpload(key: string, signal?: AbortSignal): Promise<string>;
  /** Parts count from 1; one of the same number takes the place of the one before. All but the last have the same size. */
  putPart(upload: OpenUpload, number: number, bytes: Bytes, signal?: AbortSignal): Promise<UploadedPart>;
  completeUpload(upload: OpenUpload, parts: readonly UploadedPart[], signal?: AbortSignal): Promise<void>;
  /** No failure where there is none. */
  abortUpload(upload: OpenUpload, signal?: AbortSignal): Promise<void>;
  openUploads(prefix: string, signal?: AbortSignal): Promise<OpenUpload[]>;
}

type Ask = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Bytes | string;
  /** How long the answer may take to begin, in milliseconds. */
  within?: number;
  signal?: AbortSignal | undefined;
};

const ANSWER_MS = 20_000;
/** A part over a thin line takes its time. */
const TRANSFER_MS = 10 * 60_000;

export function createS3(options: S3Options): ObjectStore {
  const { bucket, region, accessKeyId, secretAccessKey, pathStyle } = options;
  const endpoint = options.endpoint.replace(/\/$/, '');
  const base = new URL(endpoint);
  if (!pathStyle) base.hostname = `${bucket}.${base.hostname}`;
  const root = pathStyle ? `${endpoint}/${bucket}` : base.href.replace(/\/$/, '');

  async function ask({ method, key, query, headers, body, within = ANSWER_MS, signal }: Ask): Promise<Response> {
    const url = `${root}${key === undefined ? (pathStyle ? '' : '/') : `/${key}`}${query ? `?${new URLSearchParams(query)}` : ''}`;
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array());
    const signer = new AwsV4Signer({
      ...{ method, url, accessKeyId, secretAccessKey, region, service: 's3' },
      headers: { ...headers, 'x-amz-content-sha256': await sha256(bytes) },
    });
    const signed = await signer.sign();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), within);
    try {
      return await fetch(signed.url, {
        ...{ method, headers: signed.headers, redirect: 'manual' },
        ...(body === undefined ? {} : { body: bytes }),
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const why = late.signal.aborted ? `no answer within ${within / 1000} s` : codeOf(error);
      throw new StorageProblem('unreachable', `The storage at ${endpoint} cannot be reached (${why}).`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** `name`: what of the query says how many. */
  const pageOf = (name: string) => (options.pageSize === undefined ? {} : { [name]: `${options.pageSize}` });

  async function problem(response: Response): Promise<StorageProblem> {
    return problemOf(response.status, await response.text().catch(() => ''), { endpoint, bucket });
  }

  /** The text of an answer that has to be a success. */
  async function text(asked: Ask): Promise<{ body: string; headers: Headers }> {
    const response = await ask(asked);
    if (!response.ok) throw await problem(response);
    const body = await response.text().catch((error: unknown) => {
      throw new StorageProblem('unreachable', `The storage at ${endpoint} broke off (${codeOf(error)}).`);
    });
    return { body, headers: response.headers };
  }

  /** What is there no more is deleted. */
  async function without(asked: Ask): Promise<void> {
    await text(asked).catch((error: unknown) => {
      if (!(error instanceof StorageProblem) || error.reason !== 'gone') throw error;
    });
  }

  return {
    name: `${endpoint}/${bucket}`,

    async put(key, body, signal) {
      await text({ method: 'PUT', key, body, within: TRANSFER_MS, signal });
    },

    async get(key, { start, end }, signal) {
      const response = await ask({ method: 'GET', key, headers: { range: `bytes=${start}-${end}` }, signal });
      if (!response.ok) throw await problem(response);
      // A server that does not know ranges would give the beginning for the middle.
      if (response.status !== 206 || !response.body) {
        await response.body?.cancel();
        throw new StorageProblem('refused', `The storage at ${endpoint} gives no parts of a file.`);
      }
      return response.body;
    },

    async sizeOf(key, signal) {
      const response = await ask({ method: 'HEAD', key, signal });
      if (response.status === 404) return undefined;
      if (!response.ok) throw await problem(response);
      return Number(response.headers.get('content-length'));
    },

    async list(prefix, signal) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix,
          ...pageOf('max-keys'),
          ...(token === undefined ? {} : { 'continuation-token': token }),
        };
        const { body } = await text({ method: 'GET', query, signal });
        keys.push(...xmlAll(body, 'Contents').flatMap((entry) => xmlText(entry, 'Key') ?? []));
        token = xmlText(body, 'IsTruncated') === 'true' ? xmlText(body, 'NextContinuationToken') : undefined;
      } while (token !== undefined);
      return keys;
    },

    delete: (key, signal) => without({ method: 'DELETE', key, signal }),

    async beginUpload(key, signal) {
      const { body } = await text({ method: 'POST', key, query: { uploads: '' }, signal });
      const id = xmlText(body, 'UploadId');
      if (id === undefined) throw new StorageProblem('refused', `The storage at ${endpoint} begins no upload.`);
      return id;
    },

    async putPart({ key, uploadId }, number, body, signal) {
      const query = { partNumber: `${number}`, uploadId };
      const { headers } = await text({ method: 'PUT', key, query, body, within: TRANSFER_MS, signal });
      return { etag: headers.get('etag') ?? '' };
    },

    async completeUpload({ key, uploadId }, parts, signal) {
      const list = parts.map(
        ({ etag }, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
      );
      const { body } = await text({
        ...{ method: 'POST', key, query: { uploadId }, within: TRANSFER_MS, signal },
        body: `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`,
      });
      // A failure may come after the status was sent.
      if (/<Error>/.test(body)) throw problemOf(500, body, { endpoint, bucket });
    },

    abortUpload: ({ key, uploadId }, signal) => without({ method: 'DELETE', key, query: { uploadId }, signal }),

    async openUploads(prefix, signal) {
      const open: OpenUpload[] = [];
      let after: Record<string, string> | undefined = {};
      do {
        const query: Record<string, string> = { uploads: '', prefix, ...pageOf('max-uploads'), ...after };
        const { body } = await text({ method: 'GET', query, signal });
        for (const upload of xmlAll(body, 'Upload')) {
          const [key, uploadId] = [xmlText(upload, 'Key'), xmlText(upload, 'UploadId')];
          if (key !== undefined && uploadId !== undefined) open.push({ key, uploadId });
        }
        const [key, id] = [xmlText(body, 'NextKeyMarker'), xmlText(body, 'NextUploadIdMarker')];
        const isMore = xmlText(body, 'IsTruncated') === 'true' && key !== undefined && id !== undefined;
        after = isMore ? { 'key-marker': key, 'upload-id-marker': id } : undefined;
      } while (after !== undefined);
      return open;
    },
  };
}

/** As hex; in a thread of its own, for it takes tens of milliseconds. */
export async function sha256(bytes: Bytes): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

function codeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? 'unknown';
}
