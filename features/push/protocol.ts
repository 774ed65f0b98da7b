import { event, id, method } from '@amphi/protocol';
import { z } from 'zod';

const empty = z.object({});
const rare = { burst: 10, perSecond: 0.5 };

/** How many targets a room may have. */
export const MAX_TARGETS = 8;

const name = z.string().trim().min(1).max(64);
const url = z
  .string()
  .trim()
  .max(500)
  .regex(/^rtmps?:\/\/[^\s]+$/i, 'expected an address that begins with rtmp:// or rtmps://');
const key = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .regex(/^[\x21-\x7e]+$/, 'a stream key has no spaces');

/** Why a push does not work. Each is told to people in words of its own. */
export const pushReason = z.enum([
  'key',
  'app',
  'hangs-up',
  'host',
  'unreachable',
  'silent',
  'tls',
  'internal',
  'address',
  'protocol',
  'busy',
  'dropped',
  'slow',
]);
export type PushReason = z.infer<typeof pushReason>;

export const pushStatus = z.object({
  /**
   * `waiting`: connected, and nobody on stage sends anything. `retrying`: broken off, and tried again by itself.
   * `failed`: not tried again until somebody changes or starts it.
   */
  state: z.enum(['idle', 'connecting', 'waiting', 'live', 'retrying', 'failed']),
  reason: pushReason.nullable(),
  /** What the other side said, in its own words. */
  detail: z.string().nullable(),
  /** Milliseconds since the epoch, by the server's clock. */
  since: z.number(),
  retryAt: z.number().nullable(),
});
export type PushStatus = z.infer<typeof pushStatus>;

export const pushTarget = z.object({
  id,
  name: z.string(),
  url: z.string(),
  /** The last characters of the key, to know it by; all of it is never told. */
  keyEnd: z.string(),
  /** Whether it starts by itself when the event goes live. */
  auto: z.boolean(),
  status: pushStatus,
});
export type PushTarget = z.infer<typeof pushTarget>;

const target = z.object({ target: pushTarget });

/** All of them for the host only. */
export const pushMethods = {
  'push.list': method({
    input: empty,
    output: z.object({ targets: z.array(pushTarget) }),
    permission: 'live',
    rate: rare,
    about: 'Where the event is pushed to by RTMP, without what is secret of it. All of `push` is for the host only.',
  }),
  'push.add': method({
    input: z.object({ name, url, key, auto: z.boolean().default(true) }),
    output: target,
    permission: 'live',
    rate: rare,
    about: 'Adds a target. Its key is kept encrypted and never told back. Starts at once when the event is live.',
  }),
  'push.change': method({
    input: z.object({
      id,
      name: name.optional(),
      url: url.optional(),
      key: key.optional(),
      auto: z.boolean().optional(),
    }),
    output: target,
    permission: 'live',
    rate: rare,
    about:
      'Changes a target. Another address needs the key anew, so that a key goes to no other place than it was given for. A push that runs, or failed, begins anew with a new address or key.',
  }),
  'push.remove': method({
    input: z.object({ id }),
    output: empty,
    permission: 'live',
    rate: rare,
    about: 'Ends the push and forgets the target and its key.',
  }),
  'push.start': method({
    input: z.object({ id }),
    output: target,
    permission: 'live',
    rate: rare,
    about: 'Pushes the live event to a target now, also after that failed.',
  }),
  'push.stop': method({
    input: z.object({ id }),
    output: target,
    permission: 'live',
    rate: rare,
    about: 'Ends the push to a target; the event goes on.',
  }),
};
export type PushMethods = typeof pushMethods;

export const pushEvents = {
  'push.changed': event({
    data: z.object({ targets: z.array(pushTarget) }),
    about: 'To the hosts: a target was added, changed or taken away, or a push came to another state.',
  }),
};
export type PushEvents = typeof pushEvents;
