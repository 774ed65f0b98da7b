/** The bodies of audio and video messages: FLV tags (Video File Format 10.1, E.4). */

const AVC = 7;
const AAC = 10;
const KEY_FRAME = 1;
const INTER_FRAME = 2;
/** AAC, "44 kHz", 16 bit, stereo: always these for AAC, whatever it really is. */
const AAC_HEAD = (AAC << 4) | 0x0f;

/** What a decoder of the picture needs: the avcC record. */
export function videoConfigTag(config: Buffer): Buffer {
  return Buffer.concat([Buffer.of((KEY_FRAME << 4) | AVC, 0, 0, 0, 0), config]);
}

/** A picture; `data`: NAL units, each behind its length. `shiftMs`: how much later than its time it is shown. */
export function videoTag(data: Buffer, keyFrame: boolean, shiftMs = 0): Buffer {
  const head = Buffer.of(((keyFrame ? KEY_FRAME : INTER_FRAME) << 4) | AVC, 1, 0, 0, 0);
  head.writeIntBE(shiftMs, 2, 3);
  return Buffer.concat([head, data]);
}

/** What a decoder of the sound needs: the AudioSpecificConfig. */
export function audioConfigTag(config: Buffer): Buffer {
  return Buffer.concat([Buffer.of(AAC_HEAD, 0), config]);
}

export function audioTag(data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(AAC_HEAD, 1), data]);
}

export type FlvTag =
  | { kind: 'video'; is: 'config'; data: Buffer }
  /** `shiftMs`: how much later than its time it is shown; not 0 where there are B-frames. */
  | { kind: 'video'; is: 'frame'; data: Buffer; keyFrame: boolean; shiftMs: number }
  | { kind: 'audio'; is: 'config' | 'frame'; data: Buffer }
  /** Of another codec; `codec` names it, for people. */
  | { kind: 'audio' | 'video'; is: 'other'; codec: string };

const VIDEO_CODECS: Record<number, string> = {
  2: 'H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6',
  7: 'H.264',
  12: 'HEVC',
};
/** The names that people do not know. */
const VIDEO_NAMES: Record<string, string> = { hvc1: 'HEVC', av01: 'AV1', vp09: 'VP9' };
/** Of sound: the codec is told by a name, as {@link readNamedVideoTag} has it. */
const NAMED = 9;
const AUDIO_CODECS: Record<number, string> = { 2: 'MP3', 3: 'PCM', 6: 'Nellymoser', 10: 'AAC', 11: 'Speex', 14: 'MP3' };

/** Undefined for what is empty, or says nothing that is needed here (end of sequence). */
export function readVideoTag(body: Buffer): FlvTag | undefined {
  const [head, packetType] = body;
  if (head === undefined || packetType === undefined) return undefined;
  if ((head & 0x80) !== 0) return readNamedVideoTag(head, body);
  const codec = head & 0x0f;
  if (codec !== AVC) return { kind: 'video', is: 'other', codec: VIDEO_CODECS[codec] ?? `FLV codec ${codec}` };
  if (body.length <= 5) return undefined;
  const data = body.subarray(5);
  if (packetType === 0) return { kind: 'video', is: 'config', data };
  if (packetType !== 1) return undefined;
  return { kind: 'video', is: 'frame', data, keyFrame: head >> 4 === KEY_FRAME, shiftMs: body.readIntBE(2, 3) };
}

/** Enhanced RTMP: the codec is a name of four letters (Veovera, Enhanced RTMP, "Defining Additional Video Codecs"). */
function readNamedVideoTag(head: number, body: Buffer): FlvTag | undefined {
  const codec = nameOf(body);
  if (codec !== 'avc1') return { kind: 'video', is: 'other', codec: VIDEO_NAMES[codec] ?? codec };
  const packetType = head & 0x0f;
  const keyFrame = ((head >> 4) & 0x07) === KEY_FRAME;
  if (packetType === 0) return { kind: 'video', is: 'config', data: body.subarray(5) };
  if (packetType === 1 && body.length > 8) {
    return { kind: 'video', is: 'frame', data: body.subarray(8), keyFrame, shiftMs: body.readIntBE(5, 3) };
  }
  // Without the time by which it is shown later, where there is none.
  if (packetType === 3) return { kind: 'video', is: 'frame', data: body.subarray(5), keyFrame, shiftMs: 0 };
  return undefined;
}

function nameOf(body: Buffer): string {
  return body
    .subarray(1, 5)
    .toString('latin1')
    .replace(/[^\w.-]/g, '');
}

/** As {@link readVideoTag}. */
export function readAudioTag(body: Buffer): FlvTag | undefined {
  const [head, packetType] = body;
  if (head === undefined || packetType === undefined) return undefined;
  const codec = head >> 4;
  if (codec === NAMED) return { kind: 'audio', is: 'other', codec: nameOf(body) };
  if (codec !== AAC) return { kind: 'audio', is: 'other', codec: AUDIO_CODECS[codec] ?? `FLV codec ${codec}` };
  if (body.length <= 2) return undefined;
  return { kind: 'audio', is: packetType === 0 ? 'config' : 'frame', data: body.subarray(2) };
}
