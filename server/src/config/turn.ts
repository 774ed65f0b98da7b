import { z } from 'zod';
import { sharedSecret } from './secret.ts';

const port = z.number().int().min(1).max(65_535);

/** The relay (RFC 8656) for networks that let nothing else through. */
export const turn = z
  .strictObject({
    mode: z
      .enum(['auto', 'external', 'off'])
      .default('auto')
      .describe(
        'Where the TURN relay is: `auto` runs coturn on this machine where it is installed and the server is there for other machines, `external` uses the one at `turn.urls`.',
      ),
    urls: z
      .array(z.string().regex(/^(stuns?|turns?):[^\s]+$/, 'expected something like turn:turn.example.org:3478'))
      .max(8)
      .default([])
      .describe('Of an external relay: turn:turn.example.org:3478, turns:turn.example.org:443?transport=tcp'),
    // One that can be guessed gives everybody a relay.
    secret: sharedSecret
      .optional()
      .describe(
        "Of an external relay: what it shares with this server (coturn's `static-auth-secret`). The own relay's is made at the first start.",
      ),
    host: z
      .string()
      .regex(/^[0-9A-Za-z.:-]+$/, 'expected an IP address or a host name')
      .optional()
      .meta({
        description: 'Name or address under which browsers reach the relay. For TLS it has to be in the certificate.',
        shownDefault: "the media's first address; for TLS with a certificate of yours the host of `publicUrl`",
      }),
    port: port.default(3478).describe('UDP and TCP port of the relay.'),
    tlsPort: port
      .default(5349)
      .describe('TCP port of the relay over TLS. On 443 it gets through nearly every firewall, if that port is free.'),
    minPort: port.default(49_152).describe('First UDP port of those that relay.'),
    maxPort: port.default(51_151).describe('Last UDP port of those that relay; one is used for each allocation.'),
    cert: z.string().optional().meta({
      description: "PEM file of the relay's certificate chain, where a proxy does the server's TLS.",
      shownDefault: '`tls.cert`',
    }),
    key: z.string().optional().describe('PEM file of its private key.'),
    credentialMinutes: z
      .number()
      .int()
      .min(2)
      .max(1440)
      .default(10)
      .describe("How long a member's credentials are good for, in minutes; they are renewed during a call."),
    allocationsPerMember: z
      .number()
      .int()
      .min(9)
      .max(1000)
      .default(36)
      .describe(
        'Most relay ports that one member may hold; a call uses up to 9, and more for a while after a change of network.',
      ),
    maxBitrate: z
      .number()
      .int()
      .min(100_000)
      .default(24_000_000)
      .describe('The most that one allocation carries in each direction, in bits per second.'),
  })
  .superRefine((config, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if (config.mode === 'external' && !config.urls.some((url) => url.startsWith('turn')))
      refuse('urls', 'an external relay needs at least one turn: or turns: address');
    if (config.mode === 'external' && config.secret === undefined)
      refuse('secret', 'an external relay needs the secret that it shares with this server');
    if (config.maxPort < config.minPort) refuse('maxPort', 'it is below "turn.minPort"');
    if (config.port === config.tlsPort) refuse('tlsPort', 'it is the same as "turn.port"');
    if ((config.cert === undefined) !== (config.key === undefined))
      refuse(config.cert === undefined ? 'key' : 'cert', 'a certificate and its key go together');
  });
