import { randomUUID } from 'node:crypto';
import type { Methods } from '@amphi/features/protocols.ts';
import { opus, vp8 } from '@amphi/media/rtp-testing';
import type { InputOf } from '@amphi/protocol';

export { dtls, opus, vp8 } from '@amphi/media/rtp-testing';

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
