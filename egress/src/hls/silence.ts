import type { ProgramAudio } from '../program/program.ts';
import { BitWriter } from './bit-writer.ts';

/** What a player is given where nobody speaks: one that began with sound waits for it forever. */
export const SILENT_AUDIO: ProgramAudio = {
  sampleRate: 48_000,
  channels: 2,
  // AAC-LC, 48 kHz, two channels (ISO/IEC 14496-3 section 1.6.2.1).
  config: Buffer.from([0x11, 0x90]),
};

/** A frame of AAC-LC without any spectral data (ISO/IEC 14496-3 section 4.4.2.1): silence, in one channel or two. */
export function silentFrame(channels = SILENT_AUDIO.channels): Buffer {
  const bits = new BitWriter();
  // Long, with a sine window, no scale factor bands, no prediction.
  const header = () => bits.write(0, 11);
  if (channels === 1) {
    // A single channel: gain, header; no pulses, no noise shaping, no gain control.
    bits.write(0, 3).write(0, 4).write(0, 8);
    header().write(0, 3);
  } else {
    // A pair with a common header, without mid/side stereo.
    bits.write(1, 3).write(0, 4).write(1, 1);
    header().write(0, 2).write(0, 11).write(0, 11);
  }
  // The end.
  return bits.write(7, 3).align().toBuffer();
}
