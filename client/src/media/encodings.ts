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

/** The encodings of a video track towards the SFU, smallest layer first. */
export function videoEncodings({ source, codec, width, height, settings }: VideoInput): Encoding[] {
  const short = Math.min(width, height);
  if (source === 'screen') {
    const maxBitrate = settings.screenMaxBitrate;
    const maxFramerate = settings.screenFrameRate;
    // Of a screen in spatial layers Chromium's VP9 encoder gives no frame at all.
    if (isOneStream(codec)) return [{ maxBitrate, maxFramerate, scalabilityMode: 'L1T3' }];
    // Two layers: text that is half as large is not worth a third.
    return [
      { scaleResolutionDownBy: 2, maxBitrate: Math.round(maxBitrate / 4), maxFramerate, scalabilityMode: 'L1T2' },
      { scaleResolutionDownBy: 1, maxBitrate, maxFramerate, scalabilityMode: 'L1T2' },
    ];
  }
  const layers = simulcastLayers(width, height);
  if (isOneStream(codec)) {
    const scalabilityMode = codec === 'vp9' && layers > 1 ? `L${layers}T3_KEY` : 'L1T3';
    return [{ maxBitrate: cameraBitrate(short, settings), scalabilityMode }];
  }
  return Array.from({ length: layers }, (_, index) => {
    const scaleResolutionDownBy = 2 ** (layers - 1 - index);
    return {
      scaleResolutionDownBy,
      maxBitrate: cameraBitrate(short / scaleResolutionDownBy, settings),
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

/** Opus for speech, or for music: stereo, without gaps in silence, at a higher rate. RFC 7587. */
export function opusOptions(music: boolean) {
  return {
    opusStereo: music,
    opusDtx: !music,
    opusFec: true,
    opusNack: true,
    opusMaxPlaybackRate: 48_000,
    opusMaxAverageBitrate: music ? 128_000 : 32_000,
  };
}
