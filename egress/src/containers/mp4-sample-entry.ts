import { box, fullBox, u16, u32 } from './mp4-boxes.ts';
import type { AudioFormat, TrackFormat, VideoFormat } from './track.ts';

/** The sample entry of a track (ISO/IEC 14496-12 section 12), with the record that its codec's binding asks for. */
export function sampleEntry(format: TrackFormat): Buffer {
  return format.kind === 'video' ? visual(format) : audio(format);
}

function visual(format: VideoFormat): Buffer {
  const [type, record] = visualRecord(format);
  const compressor = Buffer.alloc(32);
  return box(
    type,
    Buffer.concat([Buffer.alloc(6), u16(1), Buffer.alloc(16), u16(format.width, format.height)]),
    // 72 dpi, one frame a sample, 24 bit depth.
    Buffer.concat([u32(0x480000, 0x480000, 0), u16(1), compressor, u16(0x18, 0xffff)]),
    record,
  );
}

function visualRecord({ codec, config }: VideoFormat): [type: string, record: Buffer] {
  switch (codec) {
    case 'h264':
      return ['avc1', box('avcC', needed(config, codec))];
    case 'av1':
      return ['av01', box('av1C', needed(config, codec))];
    case 'vp8':
    case 'vp9':
      // Profile 0, level 1 (not known), 8 bits in 4:2:0, colours as in BT.709.
      return [
        codec === 'vp8' ? 'vp08' : 'vp09',
        fullBox('vpcC', 1, 0, Buffer.from([0, 10, (8 << 4) | (1 << 1), 1, 1, 1, 0, 0])),
      ];
  }
}

function audio({ codec, channels, sampleRate, config }: AudioFormat): Buffer {
  const head = Buffer.concat([
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(8),
    u16(channels, 16),
    Buffer.alloc(4),
    u32(sampleRate * 2 ** 16),
  ]);
  if (codec === 'aac') return box('mp4a', head, esds(needed(config, codec)));
  // Version 0, no pre-skip (nothing of a live stream has to be left out), no gain, mapping family 0.
  return box('Opus', head, box('dOps', [0, channels], u16(0), u32(sampleRate), [0, 0, 0]));
}

/** The elementary stream descriptor of AAC (ISO/IEC 14496-1 section 7.2.6). */
function esds(config: Buffer): Buffer {
  const descriptor = (tag: number, content: Buffer) => Buffer.concat([Buffer.from([tag, content.length]), content]);
  const decoder = descriptor(
    4,
    Buffer.concat([Buffer.from([0x40, 0x15, 0, 0, 0]), u32(128_000, 128_000), descriptor(5, config)]),
  );
  const stream = descriptor(3, Buffer.concat([u16(1), Buffer.from([0]), decoder, descriptor(6, Buffer.from([2]))]));
  return fullBox('esds', 0, 0, stream);
}

function needed(config: Buffer | undefined, codec: string): Buffer {
  if (config === undefined) throw new Error(`a track of ${codec} needs its configuration record`);
  return config;
}
