import { event, method } from '@amphi/protocol';
import { z } from 'zod';

const empty = z.object({});

/** Whether somebody's tracks are recorded: `asked` until the person has answered. */
export const consent = z.enum(['given', 'asked', 'refused']);
export type Consent = z.infer<typeof consent>;

/**
 * When the film is made: `after` the recording, or while it goes on (`live`), to be ready at its end. The others say why one
 * that was to be live is made afterwards: no cores are free for it, there is no ffmpeg, it failed, or somebody in it refused.
 */
export const filmMaking = z.enum(['after', 'live', 'no-cores', 'no-ffmpeg', 'failed', 'refused']);
export type FilmMaking = z.infer<typeof filmMaking>;

export const recordingState = z.object({
  /** What is being recorded now; null when nothing is. */
  active: z
    .object({
      id: z.string(),
      /** Milliseconds since the epoch, by the server's clock. */
      startedAt: z.number(),
      /** Who started it, by the name at that time. */
      by: z.string(),
      policy: z.enum(['tell', 'ask']),
      /** Whether what everybody sends has arrived: until then the call is being moved to the server. */
      running: z.boolean(),
      film: filmMaking,
    })
    .nullable(),
  /** Of whoever is told this. */
  consent: consent.nullable(),
  /**
   * How the last recording ended, since somebody is in the room; null when there was none. Reasons: `not-allowed` where
   * the room's policy came to forbid it; else what went wrong: `disk-full`, `disk-failed`, `server-stopped`.
   */
  last: z
    .object({ id: z.string(), state: z.enum(['complete', 'interrupted']), reason: z.string().optional() })
    .nullable(),
});
export type RecordingState = z.infer<typeof recordingState>;

const recordingId = z.uuid();
const layout = z.enum(['grid', 'speaker', 'screen', 'audio']);
const height = z.union([z.literal(720), z.literal(1080)]);
const file = z.object({
  file: z.string(),
  label: z.string(),
  bytes: z.number().int(),
  durationMs: z.number(),
});
const film = z.object({
  /** `screen`: a shared screen with who speaks. */
  layout,
  height,
});
export type FilmChoice = z.infer<typeof film>;

export const recordingEntry = z.object({
  id: recordingId,
  state: z.enum(['recording', 'complete', 'interrupted']),
  /** Milliseconds since the epoch, by the server's clock. */
  startedAt: z.number(),
  durationMs: z.number(),
  people: z.array(z.string()),
  bytes: z.number().int(),
  films: z.array(file),
  /** Films that are waited for (`storage`: until the storage is there again), from 0 to 1, or could not be made. */
  jobs: z.array(film.extend({ state: z.enum(['waiting', 'storage', 'running', 'failed']), progress: z.number() })),
  /** What each sent, as it was sent. */
  tracks: z.array(file),
});
export type RecordingEntry = z.infer<typeof recordingEntry>;

export const recordingMethods = {
  'recording.start': method({
    input: z.object({
      film: z.enum(['after', 'live']).default('after'),
      /** `screen`: a shared screen with who speaks; `audio`: no picture. */
      layout: layout.default('grid'),
      /** Of the picture, in pixels. */
      height: height.default(720),
    }),
    output: recordingState,
    permission: 'record',
    rate: { burst: 5, perSecond: 0.2 },
    about:
      'Starts to record the room on the server. Everybody is told, or asked, as the policy of the room says. A film is made of it in the layout and height that are asked for, with names; with `film: live` meanwhile, where the server has the cores for it.',
  }),
  'recording.stop': method({
    input: empty,
    output: recordingState,
    permission: 'record',
    rate: { burst: 5, perSecond: 0.2 },
    about: 'Ends the recording, and answers when all of it is on the disk.',
  }),
  'recording.consent': method({
    input: z.object({ accept: z.boolean(), keep: z.boolean().default(false) }),
    output: recordingState,
    permission: 'self',
    rate: { burst: 5, perSecond: 0.5 },
    about:
      'Agrees to be recorded, or refuses: then nothing of what this person sends is recorded. What was is deleted, but for who says to `keep` it.',
  }),
  'recording.state': method({
    input: empty,
    output: recordingState,
    permission: 'self',
    rate: { burst: 5, perSecond: 0.5 },
    about: 'Whether the room is being recorded, and what this person has answered.',
  }),
  'recording.list': method({
    input: empty,
    output: z.object({ recordings: z.array(recordingEntry) }),
    permission: 'record',
    rate: { burst: 10, perSecond: 1 },
    about: 'The recordings of the room, the latest first.',
  }),
  'recording.link': method({
    input: z.object({ id: recordingId, file: z.string().min(1).max(100) }),
    output: z.object({ path: z.string(), expiresAt: z.number() }),
    permission: 'record',
    rate: { burst: 20, perSecond: 2 },
    about:
      'A path at this server under which a file of a recording can be had for some minutes; with `download` to keep it.',
  }),
  'recording.film': method({
    input: film.extend({ id: recordingId }),
    output: empty,
    permission: 'record',
    rate: { burst: 5, perSecond: 0.2 },
    about: 'Has another film made of a recording. It waits for its turn; `recording.list` says how far it is.',
  }),
  'recording.remove': method({
    input: z.object({ id: recordingId }),
    output: empty,
    permission: 'record',
    rate: { burst: 5, perSecond: 0.5 },
    about: 'Deletes a recording with all its files.',
  }),
};
export type RecordingMethods = typeof recordingMethods;

export const recordingEvents = {
  'recording.changed': event({
    data: recordingState,
    about: 'A recording began or ended, or what this person answered changed.',
  }),
};
export type RecordingEvents = typeof recordingEvents;
