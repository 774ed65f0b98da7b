import { event, method } from '@amphi/protocol';
import { z } from 'zod';

const empty = z.object({});

/** Whether somebody's tracks are recorded: `asked` until the person has answered. */
export const consent = z.enum(['given', 'asked', 'refused']);
export type Consent = z.infer<typeof consent>;

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
    })
    .nullable(),
  /** Of whoever is told this. */
  consent: consent.nullable(),
  /** How the last recording ended, since somebody is in the room; null when there was none. */
  last: z
    .object({ id: z.string(), state: z.enum(['complete', 'interrupted']), reason: z.string().optional() })
    .nullable(),
});
export type RecordingState = z.infer<typeof recordingState>;

export const recordingMethods = {
  'recording.start': method({
    input: empty,
    output: recordingState,
    permission: 'record',
    rate: { burst: 3, perSecond: 0.2 },
    about: 'Starts to record the room on the server. Everybody is told, or asked, as the policy of the room says.',
  }),
  'recording.stop': method({
    input: empty,
    output: recordingState,
    permission: 'record',
    rate: { burst: 3, perSecond: 0.2 },
    about: 'Ends the recording, and answers when all of it is on the disk.',
  }),
  'recording.consent': method({
    input: z.object({ accept: z.boolean() }),
    output: recordingState,
    permission: 'self',
    rate: { burst: 5, perSecond: 0.5 },
    about:
      'Agrees to be recorded, or refuses: then nothing of what this person sends is recorded, and what was is deleted.',
  }),
  'recording.state': method({
    input: empty,
    output: recordingState,
    permission: 'self',
    rate: { burst: 5, perSecond: 0.5 },
    about: 'Whether the room is being recorded, and what this person has answered.',
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
