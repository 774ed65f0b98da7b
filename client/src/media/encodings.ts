import type { MediaSettings, Source } from '@amphi/protocol';

/** One entry of RTCRtpSendParameters.encodings, as mediasoup-client takes it. */
export type Encoding = {
  active?: boolean;
  scaleResolutionDownBy?: number;
  maxBitrate?: number;
  maxFramerate?: number;
  scalabilityMode?: string;
  priority?: 'very-low' | 'low' | 'medium' | 'high';
};

export type VideoCodec = MediaSettings['videoCodec'];

/** A track as it is going to be sent: the pixels of the picture, the codec, and what the server wants of it. */
export type VideoInput = {
  source: Source;
  codec: VideoCodec;
  width: number;
  height: number;
  settings: MediaSettings;
};

/**
 * Codecs that are sent as one stream: VP9 with its layers inside (scalable video coding), and AV1 in one size, because
 * mediasoup refuses AV1 as simulcast, and Chromium's decoder freezes when mediasoup forwards another spatial layer of it.
 */
function isOneStream(codec: VideoCodec): boolean {
  return codec === 'vp9' || codec === 'av1';
}

/**
 * How many simulcast layers a camera picture of this size gets. libwebrtc drops the layers of smaller pictures by
 * the same table, and what was announced and never comes would confuse the SFU.
 */
export function simulcastLayers(width: number, height: number): 1 | 2 | 3 {
  const pixels = width * height;
  if (pixels >= 960 * 540) return 3;
  return pixels >= 480 * 270 ? 2 : 1;
}

/** Bits per second for a camera picture of this height: the rate that people see as equally good grows with pixels^¾. */
export function cameraBitrate(height: number, settings: MediaSettings): number {
  const share = Math.min(1, (height / settings.cameraHeight) ** 1.5);
  return Math.max(100_000, Math.round(settings.cameraMaxBitrate * share));
}

/**
 * The most bits per second of the smallest of several layers. It is what the SFU falls back to when bandwidth is short, so
 * that it has to fit beside the sound into a few hundred kilobits; its first temporal layer takes some 40 % of it.
 */
const LOWEST_LAYER_BITRATE: Record<'camera' | 'screen', number> = { camera: 120_000, screen: 200_000 };

/** The encodings of a video track towards the SFU, smallest layer first. */
export function videoEncodings({ source, codec, width, height, settings }: VideoInput): Encoding[] {
  const short = Math.min(width, height);
  if (source === 'screen') {
    const maxBitrate = settings.screenMaxBitrate;
    const maxFramerate = settings.screenFrameRate;
    // Of a screen in spatial layers Chromium's VP9 encoder gives no frame at all.
    if (isOneStream(codec)) return [{ maxBitrate, maxFramerate, scalabilityMode: 'L1T3' }];
    const lowest = Math.min(LOWEST_LAYER_BITRATE.screen, Math.round(maxBitrate / 4));
    // Two layers: text that is half as large is not worth a third.
    return [
      { scaleResolutionDownBy: 2, maxBitrate: lowest, maxFramerate, scalabilityMode: 'L1T3' },
      { scaleResolutionDownBy: 1, maxBitrate, maxFramerate, scalabilityMode: 'L1T3' },
    ];
  }
  const layers = simulcastLayers(width, height);
  if (isOneStream(codec)) {
    const scalabilityMode = codec === 'vp9' && layers > 1 ? `L${layers}T3_KEY` : 'L1T3';
    return [{ maxBitrate: cameraBitrate(short, settings), scalabilityMode }];
  }
  return Array.from({ length: layers }, (_, index) => {
    const scaleResolutionDownBy = 2 ** (layers - 1 - index);
    const full = cameraBitrate(short / scaleResolutionDownBy, settings);
    const isFallback = index === 0 && layers > 1;
    return {
      scaleResolutionDownBy,
      maxBitrate: isFallback ? Math.min(full, LOWEST_LAYER_BITRATE.camera) : full,
      scalabilityMode: 'L1T3',
    };
  });
}

/** How many spatial layers the encodings have, counted as the SFU counts them. */
export function spatialLayersOf(encodings: readonly Encoding[]): number {
  if (encodings.length > 1) return encodings.length;
  return Number(/^L(\d)/.exec(encodings[0]?.scalabilityMode ?? '')?.[1] ?? 1);
}

/**
 * What an SVC encoding becomes when only layers up to `top` are looked at: the picture is made smaller at the source,
 * so that the layers above need not be encoded. -1: nothing is.
 */
export function svcFor(encoding: Encoding, top: number): Encoding {
  const layers = spatialLayersOf([encoding]);
  const kept = Math.min(top + 1, layers);
  if (kept <= 0) return { active: false };
  const scaleResolutionDownBy = 2 ** (layers - kept);
  const mode = (encoding.scalabilityMode ?? 'L1T3').replace(/^L\d/, `L${kept}`);
  return {
    active: true,
    scaleResolutionDownBy,
    // `_KEY` says how spatial layers depend on each other; with one there is nothing to say.
    scalabilityMode: kept === 1 ? mode.replace('_KEY', '') : mode,
    ...(encoding.maxBitrate === undefined
      ? {}
      : { maxBitrate: Math.round(encoding.maxBitrate / scaleResolutionDownBy ** 1.5) }),
  };
}

/** What the single encoding of a direct connection becomes for the highest layer that the other person looks at. */
export function directEncoding(input: VideoInput, layers: number, top: number): Encoding {
  if (top < 0) return { active: false };
  const scaleResolutionDownBy = 2 ** Math.max(0, layers - 1 - top);
  const full =
    input.source === 'screen'
      ? input.settings.screenMaxBitrate
      : cameraBitrate(Math.min(input.width, input.height), input.settings);
  return { active: true, scaleResolutionDownBy, maxBitrate: Math.round(full / scaleResolutionDownBy ** 1.5) };
}

/**
 * What a track sounds like: a voice; the sound of a screen, which is often music and mostly silence; or music that somebody
 * makes, which is neither to be thinned nor to be cut off when it gets quiet.
 */
export type SoundProfile = 'voice' | 'screen' | 'music';

const SOUND: Record<SoundProfile, { stereo: boolean; dtx: boolean; bitrate: number }> = {
  voice: { stereo: false, dtx: true, bitrate: 32_000 },
  screen: { stereo: true, dtx: true, bitrate: 64_000 },
  music: { stereo: true, dtx: false, bitrate: 128_000 },
};

/** The settings of Opus (RFC 7587 §6.1) for a sound: `bitrate` in bits per second, `dtx` for silence that is not sent. */
export function soundSettings(profile: SoundProfile): { stereo: boolean; dtx: boolean; bitrate: number } {
  return SOUND[profile];
}

/** The settings of Opus as mediasoup-client takes them. */
export function opusOptions(profile: SoundProfile) {
  const { stereo, dtx, bitrate } = soundSettings(profile);
  return {
    opusStereo: stereo,
    opusDtx: dtx,
    opusFec: true,
    opusNack: true,
    opusMaxPlaybackRate: 48_000,
    opusMaxAverageBitrate: bitrate,
  };
}
