import { z } from 'zod';

export const recordings = z.strictObject({
  retentionDays: z.number().int().min(1).default(90).describe('Recordings are deleted after so many days.'),
  storage: z
    .enum(['disk', 's3'])
    .default('disk')
    .describe('Where recordings are kept: in the data folder, or in an S3-compatible storage, see `s3.endpoint`.'),
  keepLocal: z.boolean().default(false).describe('Whether what the storage has is kept in the data folder as well.'),
});

const label = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?';

/** A storage that speaks S3: of a provider, or one's own. */
export const s3 = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://s3.example.org' })
    .refine(
      (value) => URL.canParse(value) && new URL(value).origin === value.replace(/\/$/, ''),
      'expected no path in it',
    )
    .optional()
    .describe('Address of the storage: https://s3.eu-central-1.amazonaws.com, https://minio.example.org:9000'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'expected something like eu-central-1')
    .default('us-east-1')
    .describe('Its region; most servers of one’s own take the default.'),
  bucket: z
    .string()
    .regex(new RegExp(`^(?=.{3,63}$)${label}$`), 'expected 3 to 63 lower-case letters, digits, dots and hyphens')
    .optional()
    .describe('The bucket, which has to be there.'),
  prefix: z
    .string()
    .regex(/^(?:[\w.-]+\/)*$/, 'expected nothing, or something like amphi/ that ends with a slash')
    .default('')
    .describe('What the names of all objects begin with, such as `amphi/`: two servers with one bucket need two.'),
  accessKeyId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Id of the key that may read, write, list and delete there.'),
  secretAccessKey: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Its secret: in the environment or in the configuration file, for a command line is seen by others.'),
  pathStyle: z
    .boolean()
    .default(true)
    .describe('Whether the bucket is named in the path, which nearly all take; else in front of the host name.'),
});

/** What an S3 storage cannot do without. */
export function refuseIncomplete(
  { recordings: { storage }, s3: given }: { recordings: z.output<typeof recordings>; s3: z.output<typeof s3> },
  refuse: (path: string[], message: string) => void,
): void {
  if (storage !== 's3') return;
  for (const key of ['endpoint', 'bucket', 'accessKeyId', 'secretAccessKey'] as const) {
    if (given[key] === undefined) refuse(['s3', key], 'it is missing, and "recordings.storage" is "s3"');
  }
}
