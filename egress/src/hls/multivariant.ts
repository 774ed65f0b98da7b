/** What is told of a rendition of the picture. */
export type VariantInfo = {
  uri: string;
  codec: string;
  size: { width: number; height: number } | undefined;
  frameRate: number | undefined;
  /** Bits per second: of the largest segment, and over all. */
  peak: number;
  average: number;
};

export type AudioInfo = { uri: string; codec: string; peak: number; average: number };

/** The multivariant playlist (RFC 8216bis section 4.4.6): the picture in each of its sizes, and the sound for all of them. */
export function multivariantPlaylist(videos: readonly VariantInfo[], audio: AudioInfo): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="${audio.uri}"`,
  ];
  for (const { uri, codec, size, frameRate, peak, average } of videos) {
    const attributes = [
      `BANDWIDTH=${Math.ceil(peak + audio.peak)}`,
      `AVERAGE-BANDWIDTH=${Math.ceil(average + audio.average)}`,
      `CODECS="${codec},${audio.codec}"`,
      ...(size ? [`RESOLUTION=${size.width}x${size.height}`] : []),
      ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate.toFixed(3)}`]),
      'AUDIO="sound"',
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, uri);
  }
  return `${lines.join('\n')}\n`;
}
