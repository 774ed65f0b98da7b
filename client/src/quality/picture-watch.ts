import type { Source } from '@amphi/protocol';
import { ofType, type Report } from '../stats/report.ts';

/**
 * How long there may be no new frame before a key frame is asked for, in milliseconds: longer than the worker takes to ask a
 * second time by itself, which it does when no key frame came within a second of its first request.
 */
export const BLANK_MS = 2000;
/** Each time that was in vain the next comes after twice as long, up to this: the publisher may have nothing to send. */
const LONGEST_MS = 16_000;

/** A video that is to come from the SFU. */
export type WantedVideo = { consumerId: string; trackId: string; source: Source };
type Seen = { frames: number; at: number; asksAfter: number; isNew: boolean };

/**
 * Notices that there is no picture where there should be one. The request for its key frame was lost on the way to the
 * publisher, twice, or it was for a layer that has ended since. Nobody else asks again: the worker sends nothing before that
 * key frame comes, and a browser that gets no packets does not know that any are missing.
 */
export class PictureWatch {
  #seen = new Map<string, Seen>();

  /**
   * Takes a report of the receiving connection, made at `now` in milliseconds of any clock, and the videos that are wanted then.
   * Answers the ids of the consumers that a key frame is to be asked for.
   */
  add(report: Report, wanted: readonly WantedVideo[], now: number): string[] {
    const frames = new Map(
      ofType(report, 'inbound-rtp').map(({ trackIdentifier, framesDecoded }) => [trackIdentifier, framesDecoded ?? 0]),
    );
    const before = this.#seen;
    this.#seen = new Map();
    return wanted.flatMap(({ consumerId, trackId, source }) => {
      const seen = look(before.get(consumerId), frames.get(trackId) ?? 0, now);
      this.#seen.set(consumerId, seen);
      // A screen on which nothing moves is not sent again and again by every browser.
      if (now - seen.at < seen.asksAfter || (source === 'screen' && !seen.isNew)) return [];
      this.#seen.set(consumerId, { ...seen, at: now, asksAfter: Math.min(seen.asksAfter * 2, LONGEST_MS) });
      return [consumerId];
    });
  }

  /** Forgets what was seen, after a while in which nothing was to come from the SFU. */
  clear(): void {
    this.#seen.clear();
  }
}

function look(before: Seen | undefined, frames: number, now: number): Seen {
  if (!before) return { frames, at: now, asksAfter: BLANK_MS, isNew: true };
  return frames === before.frames ? before : { frames, at: now, asksAfter: BLANK_MS, isNew: false };
}
