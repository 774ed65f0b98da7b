// What tests tell a worker of tracks and transports; nothing of it has to be sent.
import { randomInt } from 'node:crypto';
import type { RtpParameters } from '@amphi/protocol';

export function opus(ssrc = randomInt(1, 2 ** 31)): RtpParameters {
  return {
    mid: `a${ssrc}`,
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { useinbandfec: 1, usedtx: 1 },
        rtcpFeedback: [{ type: 'transport-cc' }, { type: 'nack' }],
      },
    ],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 }],
    encodings: [{ ssrc }],
    rtcp: { cname: 'test' },
  };
}

/** VP8 in as many simulcast layers. */
export function vp8(layers: number, firstSsrc = randomInt(1, 2 ** 31)): RtpParameters {
  return {
    mid: `v${firstSsrc}`,
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: 96,
        clockRate: 90_000,
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }],
      },
      { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 } },
    ],
    headerExtensions: [],
    encodings: Array.from({ length: layers }, (_, layer) => ({
      ssrc: firstSsrc + layer * 2,
      rtx: { ssrc: firstSsrc + layer * 2 + 1 },
      ...(layers > 1 ? { scalabilityMode: 'L1T3' } : {}),
    })),
    rtcp: { cname: 'test' },
  };
}

export function dtls(byte = 'AB'): { role: 'client'; fingerprints: { algorithm: 'sha-256'; value: string }[] } {
  return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array<string>(32).fill(byte).join(':') }] };
}
