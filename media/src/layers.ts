import type { RtpParameters } from '@amphi/protocol';
import { parseScalabilityMode } from 'mediasoup';

/** The most spatial layers that a producer may have. */
export const MAX_SPATIAL_LAYERS = 3;

/**
 * How many spatial layers the SFU can choose from: the encodings of simulcast, the layers of the scalability mode with SVC,
 * 1 for a plain stream.
 */
export function spatialLayersOf(rtpParameters: RtpParameters): number {
  const encodings = rtpParameters.encodings ?? [];
  if (encodings.length > 1) return encodings.length;
  return parseScalabilityMode(encodings[0]?.scalabilityMode).spatialLayers;
}
