import type { ProgramFrame, ProgramRendition } from './program.ts';

/** Takes a picture with its renditions. Calls must not throw. */
export interface FeedSink {
  /** As `format` of a program, for the picture alone; frames from the key frames on follow in the same turn. */
  renditions(videos: readonly ProgramRendition[]): void;
  video(rendition: number, frame: ProgramFrame): void;
}

/** One way to the picture of a program: it begins by itself, and tells of renditions when it has what they begin with. */
export interface Feed {
  /** To be called several times a second. */
  tick(): void;
  close(): void;
}
