import { z } from 'zod';
import { producerId } from './model.ts';

/** A session description for the other browser (RFC 9429), with what each m-line carries. */
export const directDescription = z.object({
  type: z.enum(['offer', 'answer']),
  sdp: z.string().max(24 * 1024),
  /** From mid to the sender's producer, so that the receiver knows whose track it is and what it shows. */
  tracks: z
    .record(z.string().max(32), producerId)
    .refine((tracks) => Object.keys(tracks).length <= 16, 'too many tracks'),
});
export type DirectDescription = z.infer<typeof directDescription>;

/** A trickled ICE candidate (RFC 8838). */
export const directCandidate = z.object({
  type: z.literal('candidate'),
  candidate: z.string().max(1024),
  sdpMid: z.string().max(32).nullable(),
  sdpMLineIndex: z.number().int().min(0).max(64).nullable(),
  usernameFragment: z.string().max(256).nullable(),
});
export type DirectCandidate = z.infer<typeof directCandidate>;

export type DirectSignal = DirectDescription | DirectCandidate;
