import type { CodecName } from '../rtp/frame.ts';

/** What containers have to know of a track before its first frame. */
export type VideoFormat = {
  kind: 'video';
  codec: Extract<CodecName, 'vp8' | 'vp9' | 'h264' | 'av1'>;
  width: number;
  height: number;
  /** The avcC or av1C record; of no use to the others. */
  config?: Buffer | undefined;
};
export type AudioFormat = {
  kind: 'audio';
  codec: Extract<CodecName, 'opus' | 'aac'>;
  channels: number;
  /** Hz; what Opus was made of, which is decoded at 48 kHz in any case. */
  sampleRate: number;
  /** AAC: the AudioSpecificConfig. */
  config?: Buffer | undefined;
};
export type TrackFormat = VideoFormat | AudioFormat;

/** The codec string of RFC 6381, for playlists and for `canPlayType`. */
export function codecString(format: TrackFormat): string {
  const { config } = format;
  switch (format.codec) {
    case 'h264':
      return `avc1.${config?.subarray(1, 4).toString('hex') ?? '42e01f'}`;
    case 'vp8':
      return 'vp08.00.10.08';
    case 'vp9':
      return 'vp09.00.10.08';
    case 'av1': {
      const [, second = 8, third = 0] = config ?? [];
      const level = String(second & 0x1f).padStart(2, '0');
      return `av01.${second >> 5}.${level}${(third & 0x80) === 0 ? 'M' : 'H'}.${(third & 0x40) === 0 ? '08' : '10'}`;
    }
    case 'opus':
      return 'opus';
    case 'aac':
      return 'mp4a.40.2';
  }
}
