import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { iceServer } from '@amphi/protocol';
import { z } from 'zod';
import { live } from './live.ts';
import { api, oidc, push, webhooks } from './outside.ts';
import { recordings, refuseIncomplete, s3 } from './recordings.ts';
import { weakness } from './secret.ts';
import { rtmp, srt } from './ingest.ts';
import { turn } from './turn.ts';

/** The repository's folder; the server runs from its sources. */
const ROOT = join(import.meta.dirname, '..', '..', '..');

const MBIT = 1_000_000;
const port = z.number().int().min(1).max(65_535);
const address = z.string().regex(/^[0-9A-Za-z.:-]+$/, 'expected an IP address or a host name');
const origin = z
  .url()
  .refine(
    (value) => URL.canParse(value) && new URL(value).origin === value,
    'expected an origin such as https://example.org',
  );

/** What an existing relay takes may be shorter than what this project would make. */
function refuseWeak(credential: string | undefined, context: z.RefinementCtx): void {
  const why = credential === undefined ? undefined : weakness(credential, { length: 8, kinds: 5 });
  if (why !== undefined) context.addIssue({ code: 'custom', path: ['credential'], message: why });
}

const media = z.strictObject({
  port: port.default(44_400).describe('UDP and TCP port of the first media worker; worker i listens on this port + i.'),
  workers: z
    .number()
    .int()
    .min(1)
    .max(128)
    .prefault(() => availableParallelism())
    .meta({ description: 'Media worker processes; each uses at most one core.', shownDefault: 'one per core' }),
  workerBin: z.string().optional().describe('Path of the mediasoup-worker binary. `npm start` sees to it by itself.'),
  listenIp: address
    .default('0.0.0.0')
    .describe(
      'Local address on which media is received; `::` for IPv6 as well. With several addresses on one machine, the announced one: what is received on all is answered by the one that the system prefers.',
    ),
  announced: z.array(address).max(8).default([]).meta({
    description: 'Addresses under which browsers reach the media ports, best first. Behind NAT, set the public one.',
    shownDefault: "this machine's own",
  }),
  codecs: z
    .array(z.enum(['vp8', 'vp9', 'h264', 'av1']))
    .min(1)
    .refine((codecs) => new Set(codecs).size === codecs.length, 'a codec is named twice')
    .default(['vp8', 'h264'])
    .describe('Video codecs that are enabled, the preferred one first. Most broadcasting programs send H.264.'),
  cameraHeight: z.number().int().min(90).max(2160).default(720).describe('Capture height of cameras in pixels.'),
  cameraFrameRate: z.number().int().min(1).max(60).default(30).describe('Frames per second of cameras.'),
  screenFrameRate: z.number().int().min(1).max(60).default(30).describe('Most frames per second of a shared screen.'),
  cameraMaxBitrate: z
    .number()
    .int()
    .min(50_000)
    .default(2.5 * MBIT)
    .describe('Bits per second of the highest camera layer.'),
  screenMaxBitrate: z
    .number()
    .int()
    .min(50_000)
    .default(3 * MBIT)
    .describe('Bits per second of a shared screen.'),
  membersPerRouter: z
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('A room with more members than this spreads over another worker.'),
  initialOutgoingBitrate: z
    .number()
    .int()
    .min(50_000)
    .default(1.5 * MBIT)
    .describe("What a receiver's bandwidth is taken to be before it is measured, in bits per second."),
  maxIncomingBitrate: z
    .number()
    .int()
    .min(50_000)
    .default(8 * MBIT)
    .describe('The most that one member may send, in bits per second.'),
});

const limits = z.strictObject({
  sessionsPerAddress: z
    .number()
    .int()
    .min(1)
    .default(200)
    .describe('Sessions that one network address may have at once (an office behind NAT is one address).'),
  connectionsPerMinute: z.number().int().min(1).default(300).describe('New connections a minute from one address.'),
  socketsPerAddress: z
    .number()
    .int()
    .min(10)
    .default(1000)
    .describe('TCP connections that one address may have at once; not counted behind a proxy of yours.'),
  messagesPerSecond: z
    .number()
    .int()
    .min(10)
    .default(100)
    .describe(
      'Messages a second that one connection may send for long, and four times as many at once. It is closed when it sends more.',
    ),
  addressMessagesPerSecond: z
    .number()
    .int()
    .min(10)
    .default(2000)
    .describe('The same for all connections of one address together.'),
  requestsPerMinute: z.number().int().min(1).default(120).describe('HTTP API requests a minute from one address.'),
  wrongGuesses: z
    .number()
    .int()
    .min(1)
    .default(60)
    .describe(
      'Wrong room names, host links, tokens and passwords from one address in ten minutes; then it has to wait.',
    ),
  roomsPerHour: z.number().int().min(1).default(120).describe('Rooms that one address may create in an hour.'),
});

const room = z.strictObject({
  direct: z
    .boolean()
    .default(true)
    .describe("Whether two people are connected browser to browser, which shows each the other's address."),
  capacity: z.number().int().min(1).max(10_000).default(100).describe('Most people in a room at once.'),
  audience: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(1000)
    .describe(
      'Most people who may watch a room at once in real time (WebRTC). Who comes after them watches the stream.',
    ),
  seats: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('Most people who may watch a room at once, however they do: all of them hold a socket.'),
});

/** Every setting there is. Groups are one level deep. */
export const configSchema = z
  .strictObject({
    host: address
      .default('127.0.0.1')
      .describe('Address to listen on. Anything but loopback is served with TLS, see `tls.cert`. `0.0.0.0` for all.'),
    port: z.number().int().min(0).max(65_535).default(3000).describe('TCP port of the web server; 0 for any free one.'),
    publicUrl: origin
      .optional()
      .describe('Origin that people open, where it differs from what the server can know: https://meet.example.org'),
    tls: z
      .strictObject({
        cert: z
          .string()
          .optional()
          .describe(
            'PEM file of the certificate chain. Without it a self-signed one is made in the data folder, unless on loopback or behind a proxy.',
          ),
        key: z.string().optional().describe('PEM file of its private key.'),
      })
      .prefault({}),
    trustProxy: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe(
        'How many reverse proxies of yours are in front, whose X-Forwarded headers then count. They do the TLS.',
      ),
    dataDir: z.string().min(1).default(join(ROOT, 'data')).meta({
      description:
        'Folder for the rooms, the keys made at first start and the certificate. By default it is in the checkout, so that nothing is left elsewhere on the machine and two checkouts do not meet.',
      shownDefault: '`data` in the checkout',
    }),
    allowedOrigins: z
      .array(origin)
      .default([])
      .describe('Origins of other web sites that may connect, for the client SDK. The own one always may.'),
    embedOrigins: z
      .array(origin)
      .default([])
      .describe('Origins of the web sites that may show the pages in a frame; none by default.'),
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('The least level that is logged.'),
    metrics: z.enum(['loopback', 'all', 'off']).default('loopback').describe('Who may read `/metrics`.'),
    resumeWindowMs: z
      .number()
      .int()
      .min(1000)
      .max(600_000)
      .default(60_000)
      .describe('How long the place of somebody whose connection dropped is kept, in milliseconds.'),
    drainSeconds: z
      .number()
      .int()
      .min(0)
      .max(86_400)
      .default(0)
      .describe(
        'How long calls may go on after SIGTERM, in seconds, while no new one begins; 0 to end at once, and people rejoin the server that comes next by themselves.',
      ),
    retentionDays: z.number().int().min(1).default(30).describe('Rooms that nobody used for so many days are deleted.'),
    auditDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe('Who did what is kept for so many days, also of rooms that are deleted.'),
    createRooms: z
      .enum(['everybody', 'signed-in', 'api'])
      .default('everybody')
      .describe('Who may create rooms: everybody, those who are signed in (see `oidc.issuer`), or API keys only.'),
    recordings: recordings.prefault({}),
    s3: s3.prefault({}),
    iceServers: z
      .array(iceServer.superRefine(({ credential }, context) => refuseWeak(credential, context)))
      .max(8)
      .default([])
      .describe(
        'STUN and TURN servers for browsers, as JSON: [{"urls": ["turn:…"], "username": "…", "credential": "…"}]',
      ),
    room: room.prefault({}),
    limits: limits.prefault({}),
    media: media.prefault({}),
    live: live.prefault({}),
    rtmp: rtmp.prefault({}),
    srt: srt.prefault({}),
    turn: turn.prefault({}),
    api: api.prefault({}),
    webhooks: webhooks.prefault({}),
    push: push.prefault({}),
    oidc: oidc.prefault({}),
  })
  .superRefine((config, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (config.tls.cert !== undefined && config.tls.key === undefined)
      refuse(['tls', 'cert'], 'it needs "tls.key" as well');
    if (config.tls.key !== undefined && config.tls.cert === undefined)
      refuse(['tls', 'key'], 'it needs "tls.cert" as well');
    if (config.createRooms === 'signed-in' && config.oidc.issuer === undefined)
      refuse(['createRooms'], 'nobody can sign in without "oidc.issuer"');
    refuseIncomplete(config, refuse);
    const lastMediaPort = config.media.port + config.media.workers - 1;
    if (lastMediaPort > 65_535) refuse(['media', 'port'], `with ${config.media.workers} workers it ends above 65535`);
    if (config.port >= config.media.port && config.port <= lastMediaPort) {
      refuse(['port'], `it is one of the media ports ${config.media.port} to ${lastMediaPort}`);
    }
  });

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
