import { element, floatElement, longSize, openElement, textElement, uintElement } from './ebml.ts';
import type { TrackFormat } from './track.ts';

/** Element ids (RFC 9559). */
const ID = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
} as const;

const CODEC_IDS: Partial<Record<TrackFormat['codec'], string>> = {
  vp8: 'V_VP8',
  vp9: 'V_VP9',
  av1: 'V_AV1',
  opus: 'A_OPUS',
};

/** A frame in a cluster; times are milliseconds from the beginning of the file. */
export type WebmBlock = { track: number; time: number; keyFrame: boolean; data: Buffer };

/** Where a cluster with a key frame is, for seeking. */
export type WebmCue = { time: number; track: number; position: number };

/** The head of a WebM file, and where in it what is only known at the end can be written. */
export type WebmHeader = {
  bytes: Buffer;
  /** Of the segment's content: positions of cues are counted from here. */
  segmentStart: number;
  /** Of the 8 bytes of the segment's size. */
  sizeAt: number;
  /** Of the 8 bytes of the duration, a float in milliseconds. */
  durationAt: number;
};

/** Whether {@link webmHeader} knows the codec. */
export function fitsWebm(format: TrackFormat): boolean {
  return CODEC_IDS[format.codec] !== undefined;
}

/** Begins a WebM (RFC 9559) whose tracks are numbered from 1; clusters can be appended as they come. */
export function webmHeader(tracks: readonly TrackFormat[]): WebmHeader {
  const head = element(
    ID.header,
    uintElement(0x4286, 1),
    uintElement(0x42f7, 1),
    uintElement(0x42f2, 4),
    uintElement(0x42f3, 8),
    textElement(0x4282, 'webm'),
    uintElement(0x4287, 4),
    uintElement(0x4285, 2),
  );
  const duration = floatElement(0x4489, 0);
  const names = [textElement(0x4d80, 'Amphi'), textElement(0x5741, 'Amphi')];
  // Times are milliseconds. The duration stands last, to be found easily.
  const info = element(ID.info, uintElement(0x2ad7b1, 1_000_000), ...names, duration);
  const entries = tracks.map((format, index) => trackEntry(index + 1, format));
  const open = openElement(ID.segment);
  const segmentStart = head.length + open.length;
  return {
    bytes: Buffer.concat([head, open, info, element(ID.tracks, ...entries)]),
    segmentStart,
    sizeAt: segmentStart - 8,
    durationAt: segmentStart + info.length - 8,
  };
}

function trackEntry(number: number, format: TrackFormat): Buffer {
  const codecId = CODEC_IDS[format.codec];
  if (codecId === undefined) throw new Error(`${format.codec} does not go into WebM`);
  const isVideo = format.kind === 'video';
  const settings = isVideo
    ? element(0xe0, uintElement(0xb0, format.width), uintElement(0xba, format.height))
    : element(0xe1, floatElement(0xb5, 48_000), uintElement(0x9f, format.channels));
  const config = format.codec === 'opus' ? opusHead(format.channels, format.sampleRate) : format.config;
  return element(
    0xae,
    uintElement(0xd7, number),
    uintElement(0x73c5, number),
    uintElement(0x83, isVideo ? 1 : 2),
    uintElement(0x9c, 0),
    textElement(0x86, codecId),
    ...(format.codec === 'vp8' || format.codec === 'vp9' || config === undefined ? [] : [element(0x63a2, config)]),
    settings,
  );
}

/** RFC 7845 section 5.1; nothing has to be skipped of a stream that was live. */
function opusHead(channels: number, sampleRate: number): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head[8] = 1;
  head[9] = channels;
  head.writeUInt32LE(sampleRate, 12);
  return head;
}

/** The most milliseconds between a cluster's time and a block's in it: blocks have 16 bits for it. */
export const MAX_CLUSTER_MS = 32_000;

/** One cluster, of blocks in the order of their times. */
export function webmCluster(blocks: readonly WebmBlock[]): Buffer {
  const start = Math.round(Math.min(...blocks.map(({ time }) => time)));
  const content = blocks.map(({ track, time, keyFrame, data }) => {
    const head = Buffer.alloc(4);
    head[0] = 0x80 | track;
    head.writeInt16BE(Math.min(MAX_CLUSTER_MS, Math.round(time) - start), 1);
    head[3] = keyFrame ? 0x80 : 0;
    return element(0xa3, head, data);
  });
  return element(ID.cluster, uintElement(0xe7, start), ...content);
}

/** The index for seeking, appended when the file is complete. */
export function webmCues(cues: readonly WebmCue[]): Buffer {
  return element(
    ID.cues,
    ...cues.map(({ time, track, position }) =>
      element(
        0xbb,
        uintElement(0xb3, Math.round(time)),
        element(0xb7, uintElement(0xf7, track), uintElement(0xf1, position)),
      ),
    ),
  );
}

/** What is written over the beginning of a file that is complete: offset and bytes. */
export function webmEnd(header: WebmHeader, fileLength: number, durationMs: number): { at: number; bytes: Buffer }[] {
  const duration = Buffer.alloc(8);
  duration.writeDoubleBE(durationMs);
  return [
    { at: header.sizeAt, bytes: longSize(fileLength - header.segmentStart) },
    { at: header.durationAt, bytes: duration },
  ];
}
