/** A rate of the pictures that a program offers: the same picture, in another size. */
export type ProgramRendition = {
  width: number;
  height: number;
  /** What a decoder needs: the H.264 avcC record. */
  config: Buffer;
};

/** The sound of a program: AAC-LC in frames of 1024 samples. */
export type ProgramAudio = {
  sampleRate: number;
  channels: number;
  /** What a decoder needs: the AudioSpecificConfig. */
  config: Buffer;
};

/** What a program consists of for a while. A program has a picture, a sound, or both. */
export type ProgramFormat = {
  /** From the largest to the smallest; all of H.264. Empty where nobody on stage sends a picture. */
  videos: readonly ProgramRendition[];
  audio: ProgramAudio | undefined;
};

/** A coded picture of a program, or a frame of its sound. */
export type ProgramFrame = {
  /** On the one clock of the program, in microseconds: it grows without end, over changes of format as well. */
  timeUs: number;
  /** When it was captured, in milliseconds since the epoch. */
  wall: number;
  keyFrame: boolean;
  /** H.264: NAL units, each behind its length in 4 bytes. AAC: a raw frame, without ADTS header. */
  data: Buffer;
};

/** Takes what a {@link Program} is. Calls must not throw. */
export interface ProgramSink {
  /**
   * What follows has this format. Each rendition begins with a key frame, and nothing of before is needed to decode it.
   * Called again when the format changes: a discontinuity, in a running program.
   */
  format(format: ProgramFormat): void;
  /** `rendition`: an index into `videos` of the format. Frames of one rendition come in the order of their times. */
  video(rendition: number, frame: ProgramFrame): void;
  audio(frame: ProgramFrame): void;
  /** Nothing comes for now: nobody on stage, or the publisher is away. Ends with the next frame. */
  idle(): void;
  ended(): void;
}

/** One picture and one sound of all that is on stage, for those who take no tracks: HLS, RTMP, a file. */
export interface Program {
  /** Begins to take it: the format, if there is one, is told at once, and a key frame is asked for. Answers how to stop. */
  attach(sink: ProgramSink): () => void;
  /** Ends it for all that take it. Repeating it changes nothing. */
  close(): Promise<void>;
}
