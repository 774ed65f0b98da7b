export { createMediaPlane } from './plane.ts';
export type { AmphiMediaPlane, MediaStats, WorkerStats } from './plane.ts';
export type { RoomTraffic } from './traffic.ts';
export type { MediaLogger, MediaPlaneOptions } from './options.ts';
export type { VideoCodec } from './codecs.ts';
export { version as mediasoupVersion } from 'mediasoup';
