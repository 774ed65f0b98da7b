import { box, fullBox, u16, u32, u64 } from './mp4-boxes.ts';
import { sampleEntry } from './mp4-sample-entry.ts';
import type { TrackFormat } from './track.ts';

/** A track of a fragmented MP4. */
export type Mp4Track = {
  /** From 1. */
  id: number;
  /** Ticks in a second, of all times of this track. */
  timescale: number;
  format: TrackFormat;
};

export type Mp4Sample = {
  data: Buffer;
  /** In ticks. */
  duration: number;
  keyFrame: boolean;
};

const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const UND = 0x55c4;
/** Sample flags (ISO/IEC 14496-12 section 8.8.3.1): depends on no other; depends on others and is no sync sample. */
const KEY_FRAME = 0x02000000;
const OTHER_FRAME = 0x01010000;

/** The initialisation segment: `ftyp` and a `moov` without samples (CMAF, ISO/IEC 23000-19 section 7.3.2). */
export function mp4Init(tracks: readonly Mp4Track[]): Buffer {
  const brands = ['iso6', 'iso6', 'cmfc', 'mp41'].map((brand) => Buffer.from(brand, 'latin1'));
  const [major = Buffer.alloc(4), ...compatible] = brands;
  const header = fullBox(
    'mvhd',
    0,
    0,
    Buffer.concat([u32(0, 0, 1000, 0, 0x10000), u16(0x100, 0), u32(0, 0), MATRIX, Buffer.alloc(24)]),
    u32(Math.max(...tracks.map(({ id }) => id)) + 1),
  );
  const extends_ = tracks.map(({ id }) => fullBox('trex', 0, 0, u32(id, 1, 0, 0, 0)));
  return Buffer.concat([
    box('ftyp', major, u32(512), ...compatible),
    box('moov', header, ...tracks.map(trak), box('mvex', ...extends_)),
  ]);
}

function trak({ id, timescale, format }: Mp4Track): Buffer {
  const isVideo = format.kind === 'video';
  const [width, height] = isVideo ? [format.width, format.height] : [0, 0];
  const tkhd = fullBox(
    'tkhd',
    0,
    3,
    Buffer.concat([u32(0, 0, id, 0, 0, 0, 0), u16(0, isVideo ? 0 : 1, isVideo ? 0 : 0x100, 0), MATRIX]),
    u32(width * 2 ** 16, height * 2 ** 16),
  );
  const handler = Buffer.concat([
    u32(0),
    Buffer.from(isVideo ? 'vide' : 'soun', 'latin1'),
    Buffer.alloc(12),
    Buffer.from(isVideo ? 'video\0' : 'sound\0', 'latin1'),
  ]);
  const mediaHeader = isVideo ? fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) : fullBox('smhd', 0, 0, u16(0, 0));
  const empty = ['stts', 'stsc', 'stco'].map((type) => fullBox(type, 0, 0, u32(0)));
  const table = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry(format)),
    ...empty,
    fullBox('stsz', 0, 0, u32(0, 0)),
  );
  const dataInfo = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const media = box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(UND, 0)),
    fullBox('hdlr', 0, 0, handler),
    box('minf', mediaHeader, dataInfo, table),
  );
  return box('trak', tkhd, media);
}

export type Mp4Run = {
  trackId: number;
  /** When the first sample is decoded, in ticks of the track. */
  decodeTime: number;
  samples: readonly Mp4Sample[];
};

/**
 * One fragment, `moof` and `mdat`: a CMAF chunk where it has one track. Can be appended to a file, or served as a part.
 * @param sequence From 1, growing with each fragment.
 */
export function mp4Fragment(sequence: number, runs: readonly Mp4Run[]): Buffer {
  const moof = (offsets: readonly number[]): Buffer =>
    box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...runs.map((run, index) => traf(run, offsets[index] ?? 0)));
  // The offsets of the data are told from the beginning of the moof, whose length does not depend on them.
  let offset = moof([]).length + 8;
  const offsets = runs.map(({ samples }) => {
    const at = offset;
    offset += samples.reduce((sum, { data }) => sum + data.length, 0);
    return at;
  });
  const data = runs.flatMap(({ samples }) => samples.map((sample) => sample.data));
  // Not by `box`, which would copy all of it once more.
  const header = Buffer.concat([u32(data.reduce((sum, { length }) => sum + length, 8)), Buffer.from('mdat', 'latin1')]);
  return Buffer.concat([moof(offsets), header, ...data]);
}

function traf({ trackId, decodeTime, samples }: Mp4Run, offset: number): Buffer {
  // default-base-is-moof; duration, size and flags for each sample.
  const entries = samples.flatMap(({ data, duration, keyFrame }) => [
    Math.max(0, Math.round(duration)),
    data.length,
    keyFrame ? KEY_FRAME : OTHER_FRAME,
  ]);
  return box(
    'traf',
    fullBox('tfhd', 0, 0x020000, u32(trackId)),
    fullBox('tfdt', 1, 0, u64(decodeTime)),
    fullBox('trun', 0, 0x000701, u32(samples.length, offset), u32(...entries)),
  );
}
