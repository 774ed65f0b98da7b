export { createMediaPlane } from './plane.ts';
export type { AmphiMediaPlane, MediaStats, WorkerStats } from './plane.ts';
export type { MediaLogger, MediaPlaneOptions } from './options.ts';
export type { VideoCodec } from './codecs.ts';
