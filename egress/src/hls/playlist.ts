import { nameOf, type Segment, TIMING } from './segment.ts';

/** Where a rendition is, for the playlists of the others. */
export type Position = { track: string; msn: number; part: number };

export type LivePlaylist = {
  track: string;
  /** Complete ones, the oldest first, without a gap between their numbers. */
  segments: readonly Segment[];
  /** The one that grows; parts may come before it is complete. */
  open: Segment | undefined;
  /** The number of the next segment, where none is open. */
  nextMsn: number;
  ended: boolean;
  others: readonly Position[];
  /** Whether it shall be a delta update (RFC 8216bis section 6.2.5.1). */
  skip: boolean;
};

/** A wall clock time is told again after so many segments, so that it can be checked. */
const DATE_EVERY = 8;

/** The media playlist of a live rendition (RFC 8216bis section 4.4). */
export function livePlaylist(playlist: LivePlaylist): string {
  const { track, segments, open, nextMsn, ended } = playlist;
  const [first = open] = segments;
  const skipped = playlist.skip ? skippable(segments, open) : 0;
  const lines = head(9, [
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${TIMING.skipUntil.toFixed(1)},HOLD-BACK=${TIMING.holdBack.toFixed(1)},PART-HOLD-BACK=${TIMING.partHoldBack}`,
    `#EXT-X-PART-INF:PART-TARGET=${TIMING.partTarget}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.msn ?? nextMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.epoch ?? 0}`,
  ]);
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  const partsFrom = segments.length - countWithin(segments, TIMING.partsListed);
  let before: Segment | undefined = segments[skipped - 1];
  for (let index = skipped; index < segments.length; index++) {
    const segment = segments[index];
    if (!segment) continue;
    const gap = before ? segment.epoch - before.epoch : 0;
    lines.push(...opening(track, segment, before, gap));
    if (index >= partsFrom) lines.push(...partLines(track, segment));
    lines.push(...closing(track, segment));
    before = segment;
  }
  if (open) {
    const gap = before ? open.epoch - before.epoch : 0;
    if (open.parts?.length) lines.push(...opening(track, open, before, gap), ...partLines(track, open));
  }
  if (ended) lines.push('#EXT-X-ENDLIST');
  else {
    const next = nameOf.part(track, open?.msn ?? nextMsn, open?.parts?.length ?? 0);
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${next}"`);
  }
  for (const { track: other, msn, part } of playlist.others) {
    lines.push(`#EXT-X-RENDITION-REPORT:URI="${nameOf.playlist(other)}",LAST-MSN=${msn},LAST-PART=${part}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The playlist of all that was kept of a rendition, when nothing more comes. */
export function replayPlaylist(track: string, segments: readonly Segment[]): string {
  const [first] = segments;
  const lines = head(7, [
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-MEDIA-SEQUENCE:${first?.msn ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first ? first.epoch + first.hole : 0}`,
  ]);
  let before: Segment | undefined;
  for (const segment of segments) {
    const gap = before ? segment.epoch + segment.hole - before.epoch - before.hole : 0;
    lines.push(...opening(track, segment, before, gap), ...closing(track, segment));
    before = segment;
  }
  lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

function head(version: number, tags: readonly string[]): string[] {
  return ['#EXTM3U', `#EXT-X-VERSION:${version}`, `#EXT-X-TARGETDURATION:${TIMING.target}`, ...tags];
}

/** One DISCONTINUITY for each that happened since: one may have fallen where this rendition had nothing. */
function opening(track: string, segment: Segment, before: Segment | undefined, gap: number): string[] {
  const lines = Array.from({ length: gap }, () => '#EXT-X-DISCONTINUITY');
  if (before?.init !== segment.init) lines.push(`#EXT-X-MAP:URI="${nameOf.init(track, segment.init)}"`);
  if (gap > 0 || !before || segment.msn % DATE_EVERY === 0) {
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.wall).toISOString()}`);
  }
  return lines;
}

function partLines(track: string, { msn, parts = [] }: Segment): string[] {
  return parts.map(
    ({ duration, independent }, index) =>
      `#EXT-X-PART:DURATION=${duration.toFixed(5)},URI="${nameOf.part(track, msn, index)}"${independent ? ',INDEPENDENT=YES' : ''}`,
  );
}

function closing(track: string, { msn, duration }: Segment): string[] {
  return [`#EXTINF:${duration.toFixed(5)},`, nameOf.segment(track, msn)];
}

/** How many of the last segments begin less than so many seconds before the end. */
function countWithin(segments: readonly Segment[], seconds: number): number {
  let length = 0;
  let count = 0;
  while (count < segments.length && length < seconds) {
    length += segments[segments.length - 1 - count]?.duration ?? 0;
    count += 1;
  }
  return count;
}

/** How many of the first segments are wholly further from the end than what a delta update must hold. */
function skippable(segments: readonly Segment[], open: Segment | undefined): number {
  const within = countWithin(segments, TIMING.skipUntil - (open?.duration ?? 0));
  return segments.length - within;
}
