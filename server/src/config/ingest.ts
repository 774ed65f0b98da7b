import { z } from 'zod';

/** By which ports programs publish that do not speak WHIP. */

const port = z.number().int().min(0).max(65_535);

const hostOf = (protocol: string) =>
  z
    .string()
    .regex(/^[0-9A-Za-z.:-]+$/, 'expected an IP address or a host name')
    .optional()
    .meta({
      description: `Address on which ${protocol} is taken, where it is not that of the web server: \`0.0.0.0\` behind a proxy.`,
      shownDefault: '`host`',
    });

export const rtmp = z.strictObject({
  port: port
    .default(1935)
    .describe(
      'TCP port on which programs publish by RTMP with the stream keys of rooms, 0 for none. Where it is taken the server says so, and runs without.',
    ),
  host: hostOf('RTMP'),
  tlsPort: port
    .default(0)
    .describe('TCP port of the same with TLS (RTMPS), with the certificate of the web server; 0 for none.'),
});

export const srt = z.strictObject({
  port: port
    .default(8890)
    .describe(
      "UDP port on which programs publish by SRT, 0 for none: encrypted by the address in the host's panel, or in clear with a stream key as the stream id. It takes an ffmpeg with libsrt, for encryption FFmpeg 5 or later; where there is none, or the port is taken, the server says so, and runs without.",
    ),
  host: hostOf('SRT'),
});
