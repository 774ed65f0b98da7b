import { z } from 'zod';
import { type FilmChoice, filmChoice } from '../compose/layout.ts';

/** The film that is made of a recording where nobody has said another one. */
export const USUAL_FILM: FilmChoice = { layout: 'grid', height: 720 };

/** Milliseconds since the epoch, by the server's clock. */
const time = z.number();

const part = z.object({
  /** In the recording's folder. */
  file: z.string(),
  codec: z.string(),
  clockRate: z.number().int(),
  /** The RTP timestamp (unwrapped) at the file's time 0. */
  rtpStart: z.number(),
  /**
   * When what is at the file's time 0 was captured; from the sender reports below, or from the arrival where there is none.
   * Times in the file go by the same clock.
   */
  startedAt: time,
  durationMs: z.number(),
  bytes: z.number().int(),
  /** Sender reports: RTP timestamps (unwrapped) and when what has them was captured. At most one in 10 s. */
  clock: z.array(z.object({ rtp: z.number(), wall: time })),
  /** The picture's size, from each of these times in the file on. */
  sizes: z.array(z.object({ ms: z.number(), width: z.number().int(), height: z.number().int() })),
});
export type Part = z.infer<typeof part>;

const track = z.object({
  id: z.string(),
  personId: z.string(),
  source: z.enum(['camera', 'microphone', 'screen', 'screen-audio']),
  kind: z.enum(['audio', 'video']),
  /** In the order of time. A part ends where the stream begins anew: another codec, another worker, a jump of its clock. */
  parts: z.array(part),
  /** When it was switched off and on; it is on at the beginning of its first part. */
  mutes: z.array(z.object({ at: time, muted: z.boolean() })),
});
export type Track = z.infer<typeof track>;

const person = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  joinedAt: time,
  leftAt: time.nullable(),
  /** Whether this person is recorded; who refused is named, without anything of what was sent. */
  consent: z.enum(['given', 'asked', 'refused']),
  /** When this person agreed no longer, but left what was recorded before. */
  withdrawnAt: time.optional(),
});
export type Person = z.infer<typeof person>;

/** What a recording is made of; `manifest.json` in its folder. */
export const manifest = z.object({
  version: z.literal(1),
  id: z.string(),
  roomId: z.string(),
  /** `interrupted`: the server or the disk ended it; what is there can be played. */
  state: z.enum(['recording', 'complete', 'interrupted']),
  /**
   * Why it ended, where nobody stopped it: `disk-full`, `disk-failed`, `server-stopped`; `not-allowed` where the room's
   * policy came to forbid it.
   */
  reason: z.string().optional(),
  /** From here on all that was sent is there; pictures may begin a little before, with a key frame. */
  startedAt: time,
  endedAt: time.nullable(),
  startedBy: z.string(),
  policy: z.enum(['tell', 'ask']),
  /** Which film is made of it, by itself: while it goes on, or when it is over. */
  film: filmChoice.default(USUAL_FILM),
  people: z.array(person),
  tracks: z.array(track),
  /** Who spoke, from each of these times on; null in silence. */
  speakers: z.array(z.object({ at: time, personId: z.string().nullable() })),
});
export type Manifest = z.infer<typeof manifest>;
