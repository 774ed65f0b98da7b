import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);

/** By which ports programs publish that do not speak WHIP. */
export const rtmp = z.strictObject({
  port: port
    .default(1935)
    .describe(
      'TCP port on which programs publish by RTMP with the stream keys of rooms, 0 for none. Where it is taken the server says so, and runs without.',
    ),
  host: z
    .string()
    .regex(/^[0-9A-Za-z.:-]+$/, 'expected an IP address or a host name')
    .optional()
    .meta({
      description: 'Address on which RTMP is taken, where it is not that of the web server: `0.0.0.0` behind a proxy.',
      shownDefault: '`host`',
    }),
  tlsPort: port
    .default(0)
    .describe('TCP port of the same with TLS (RTMPS), with the certificate of the web server; 0 for none.'),
});
