import type { RtpCapabilities } from '@amphi/protocol';
import { ortc } from 'mediasoup';
import type { types } from 'mediasoup';

/** The video codecs that can be configured. */
export type VideoCodec = 'vp8' | 'vp9' | 'h264' | 'av1';

// Payload types are fixed, and from the end of the dynamic range: mediasoup hands out 100 and up to the RTX codecs. All
// routers, those of a replaced worker included, must agree with the capabilities that clients were told once.
const OPUS: types.RouterRtpCodecCapability = {
  kind: 'audio',
  mimeType: 'audio/opus',
  preferredPayloadType: 111,
  clockRate: 48_000,
  channels: 2,
  // NACK (RTCP feedback) comes with mediasoup's own entry for Opus.
  parameters: { useinbandfec: 1, usedtx: 1 },
};

function h264(payloadType: number, profileLevelId: string): types.RouterRtpCodecCapability {
  return {
    kind: 'video',
    mimeType: 'video/H264',
    preferredPayloadType: payloadType,
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'level-asymmetry-allowed': 1, 'profile-level-id': profileLevelId },
  };
}

const VIDEO: Record<VideoCodec, types.RouterRtpCodecCapability[]> = {
  vp8: [{ kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 120, clockRate: 90_000, parameters: {} }],
  vp9: [
    {
      kind: 'video',
      mimeType: 'video/VP9',
      preferredPayloadType: 121,
      clockRate: 90_000,
      parameters: { 'profile-id': 0 },
    },
  ],
  // Profiles are matched strictly: constrained baseline, which every browser has, first; main and high for hardware encoders.
  h264: [h264(122, '42e01f'), h264(123, '4d0032'), h264(124, '640032')],
  av1: [{ kind: 'video', mimeType: 'video/AV1', preferredPayloadType: 125, clockRate: 90_000, parameters: {} }],
};

/**
 * The codecs of every router: Opus, then the video codecs in the order of preference. VP8 is what all browsers can do and
 * is added last where it is not among them.
 */
export function routerCodecs(preferred: readonly VideoCodec[]): types.RouterRtpCodecCapability[] {
  const order = [...new Set<VideoCodec>([...preferred, 'vp8'])];
  return [OPUS, ...order.flatMap((codec) => VIDEO[codec])];
}

/** What every router made with these codecs can receive; needs no worker. */
export function routerCapabilities(codecs: readonly types.RouterRtpCodecCapability[]): RtpCapabilities {
  return ortc.generateRouterRtpCapabilities(structuredClone([...codecs])) as RtpCapabilities;
}
