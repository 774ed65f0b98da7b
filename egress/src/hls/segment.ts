/** What all playlists of this package promise, in seconds (RFC 8216bis section 4.4.3). */
export const TIMING = {
  /** A segment is cut at the first key frame after so long. */
  segmentMin: 1.5,
  /** No segment is longer: it is cut without a key frame before that. */
  target: 4,
  /** A part holds as many frames as fit. */
  part: 0.5,
  /** What is said of it, which no part is longer than: the frame times of browsers are uneven by some milliseconds. */
  partTarget: 0.51,
  /** How far from the end players stay that load whole segments: at least three targets. */
  holdBack: 12,
  /** How far from the end players stay that load parts: three of them. */
  partHoldBack: 1.53,
  /** What is further from the end may be left out of a delta update: at least six targets. */
  skipUntil: 24,
  /** Parts are listed for so long: three targets, as is asked of servers. */
  partsListed: 12,
  /** What is younger can be had from memory, whatever becomes of the disk. */
  inMemory: 30,
} as const;

/** A piece of a segment that players can have before the segment is complete. */
export type Part = {
  /** Seconds. */
  duration: number;
  /** Whether it can be decoded without what was before. */
  independent: boolean;
  bytes: Buffer;
};

/** A segment of one rendition. */
export type Segment = {
  /** Its media sequence number. */
  msn: number;
  /** Grows with each discontinuity, in all renditions of a stream alike: the discontinuity sequence number. */
  epoch: number;
  /** Grows each time that something could not be kept: what lies between is missing in a replay. */
  hole: number;
  /** Which initialisation it needs. */
  init: number;
  /** When its first frame was captured, in milliseconds since the epoch. */
  wall: number;
  /** Seconds; of an open segment, of the parts that there are. */
  duration: number;
  frames: number;
  bytes: number;
  /** As long as they are in memory. */
  parts: Part[] | undefined;
  /** Whether it is on the disk. */
  kept: boolean;
};

/** What a player loads before the segments that need it. */
export type Initialisation = {
  id: number;
  codec: string;
  /** Of video, in pixels. */
  size: { width: number; height: number } | undefined;
};

/** The names of what is loaded, which are the names of files as well. */
export const nameOf = {
  init: (track: string, id: number): string => `${track}-i${id}.mp4`,
  segment: (track: string, msn: number): string => `${track}-${msn}.m4s`,
  part: (track: string, msn: number, index: number): string => `${track}-${msn}.${index}.m4s`,
  playlist: (track: string): string => `${track}.m3u8`,
  replay: (track: string): string => `${track}-replay.m3u8`,
};
