import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** What an audience is given beside WebRTC. */
export const live = z.strictObject({
  hls: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'Whether live events can be watched by low-latency HLS as well: for any number of viewers, some seconds late, and by other players.',
    ),
  transcodeCores: z
    .number()
    .min(0)
    .max(128)
    .prefault(() => Math.max(0.5, availableParallelism() / 2))
    .meta({
      description:
        'Cores that all live events, and films that are made while they are recorded, may use together to encode pictures. Live events need them for more than one picture, or another codec than H.264: half a core each; and for programs that publish with B-frames. A film takes half a core in 720p, and one in 1080p.',
      shownDefault: 'half of them',
    }),
  rewindMinutes: z
    .number()
    .int()
    .min(1)
    .max(1440)
    .default(120)
    .describe('How far viewers by HLS may go back while an event is live, in minutes.'),
  replayDays: z
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(30)
    .describe('How long an event can be watched after its end, in days; with 0 it cannot.'),
  replayGigabytes: z
    .number()
    .min(0.1)
    .default(20)
    .describe('The oldest replays are deleted when all of them together are larger, in gigabytes.'),
});
