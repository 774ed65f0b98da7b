import { randomInt, randomUUID } from 'node:crypto';
import type { DtlsParameters, InputOf, RtpParameters } from '@amphi/protocol';
import type { Methods } from '@amphi/features/protocols.ts';

/** What the worker is told of tracks; no packet is ever sent. */

const newSsrc = () => randomInt(1, 2 ** 31);

export function opus(): RtpParameters {
  const ssrc = newSsrc();
  return {
    mid: `a${ssrc}`,
    codecs: [
      { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1 } },
    ],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 }],
    encodings: [{ ssrc }],
    rtcp: { cname: 'test' },
  };
}

/** VP8 in as many simulcast layers. */
export function vp8(layers: number): RtpParameters {
  const ssrc = newSsrc();
  return {
    mid: `v${ssrc}`,
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
      ssrc: ssrc + layer * 2,
      rtx: { ssrc: ssrc + layer * 2 + 1 },
      ...(layers > 1 ? { scalabilityMode: 'L1T3' } : {}),
    })),
    rtcp: { cname: 'test' },
  };
}

export function dtls(byte = 'AB'): DtlsParameters {
  return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array<string>(32).fill(byte).join(':') }] };
}

type Created = InputOf<Methods, 'producer.create'>;

/** A camera of three layers. */
export function camera(transportId: string): Created {
  const size = { width: 1280, height: 720 };
  return { transportId, producerId: randomUUID(), source: 'camera', kind: 'video', rtpParameters: vp8(3), ...size };
}

export function microphone(transportId: string): Created {
  return { transportId, producerId: randomUUID(), source: 'microphone', kind: 'audio', rtpParameters: opus() };
}

export function screen(transportId: string): Created {
  const size = { width: 1920, height: 1080 };
  return { transportId, producerId: randomUUID(), source: 'screen', kind: 'video', rtpParameters: vp8(1), ...size };
}
