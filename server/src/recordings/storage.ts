import { randomUUID } from 'node:crypto';
import { type Archive, createArchive, createS3, type ObjectStore, StorageProblem } from '@amphi/egress';
import type { Config } from '../config/schema.ts';

/** The storage of the configuration; undefined where recordings stay on the disk. */
export function storageOf({ recordings, s3 }: Pick<Config, 'recordings' | 's3'>): ObjectStore | undefined {
  const { endpoint, bucket, accessKeyId, secretAccessKey, region, pathStyle } = s3;
  if (recordings.storage !== 's3') return undefined;
  // The configuration has been looked at by then.
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey) return undefined;
  return createS3({ endpoint, bucket, accessKeyId, secretAccessKey, region, pathStyle });
}

/**
 * Does all that is done with recordings, with an object of its own that is gone afterwards. Answers what is wrong, in a
 * sentence, or undefined.
 */
export async function storageProblem(store: ObjectStore, prefix: string): Promise<string | undefined> {
  const key = `${prefix}amphi-check-${randomUUID()}`;
  try {
    await store.put(key, new TextEncoder().encode('amphi'));
    const part = await new Response(await store.get(key, { start: 1, end: 3 })).text();
    if (part !== 'mph') return `The storage ${store.name} does not give back what it was given.`;
    const upload = { key, uploadId: await store.beginUpload(key) };
    await store.abortUpload(upload);
    if (!(await store.list(key)).includes(key)) return `The storage ${store.name} does not list what it has.`;
    await store.delete(key);
    return undefined;
  } catch (error) {
    if (error instanceof StorageProblem) return error.message;
    throw error;
  }
}

/** Brings recordings there, where the configuration names one; says in the log what is wrong with it, and starts anyway. */
export function openStorage(
  config: Pick<Config, 'recordings' | 's3'>,
  options: Pick<Parameters<typeof createArchive>[0], 'folder' | 'manifestOf' | 'isNeeded' | 'logger'>,
): Archive | undefined {
  const store = storageOf(config);
  if (!store) return undefined;
  const { logger } = options;
  const { prefix } = config.s3;
  storageProblem(store, prefix).then(
    (problem) => {
      if (problem === undefined) logger.info({ storage: store.name }, 'recordings are kept in the storage');
      else logger.error({ problem }, 'recordings stay on the disk until the storage can be used');
    },
    (error: unknown) => logger.error({ err: error }, 'the storage could not be looked at'),
  );
  return createArchive({ ...options, store, prefix, keepLocal: config.recordings.keepLocal });
}
