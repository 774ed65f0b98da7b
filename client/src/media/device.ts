import type { RtpCapabilities } from '@amphi/protocol';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import type { VideoCodec } from './encodings.ts';

/** Makes and loads the mediasoup device: finds out what this browser and the server can both do. */
export async function loadDevice(routerRtpCapabilities: RtpCapabilities, handlerFactory: unknown): Promise<Device> {
  const device =
    handlerFactory === undefined
      ? await Device.factory()
      : new Device({ handlerFactory: handlerFactory as types.HandlerFactory });
  await device.load({ routerRtpCapabilities: routerRtpCapabilities as types.RtpCapabilities });
  return device;
}

const FALLBACKS: readonly VideoCodec[] = ['vp8', 'h264', 'vp9', 'av1'];

/** The codec to send video with: the server's preference where this browser can encode it, else the next one that it can. */
export function pickVideoCodec(
  capabilities: types.RtpCapabilities,
  preferred: VideoCodec,
): { name: VideoCodec; capability: types.RtpCodecCapability } | undefined {
  for (const name of [preferred, ...FALLBACKS]) {
    const capability = capabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === `video/${name}`);
    if (capability) return { name, capability };
  }
  return undefined;
}
