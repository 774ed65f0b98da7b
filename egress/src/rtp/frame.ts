/** What the codecs of this package are called, in lower case. */
export type CodecName = 'opus' | 'vp8' | 'vp9' | 'h264' | 'av1' | 'aac';

/** A coded picture, or a packet of sound, as containers take it. */
export type Frame = {
  /** RTP clock ticks, unwrapped: they grow without end. */
  timestamp: number;
  keyFrame: boolean;
  /**
   * Opus, VP8: as sent. VP9: a superframe where there are several spatial layers. H.264: NAL units, each behind its length
   * in 4 bytes, parameter sets left out. AV1: a temporal unit in the low-overhead format, temporal delimiter left out.
   */
  data: Buffer;
  /** Of video key frames, in pixels. */
  size?: { width: number; height: number };
  /** What a decoder needs beforehand, on key frames: the H.264 avcC record, the AV1 av1C record. */
  config?: Buffer;
};

/** Puts packets, which come in order, together to frames. */
export interface Depacketizer {
  /**
   * @param missing How many packets were lost before this one.
   * Answers the frames that are complete by it. After a loss video begins again with the next key frame.
   */
  push(packet: { timestamp: number; marker: boolean; payload: Buffer }, missing: number): Frame[];
  /** Whether nothing can be decoded before a key frame comes. */
  readonly needsKeyFrame: boolean;
}
