export { createMediaPlane } from './plane.ts';
export type { AmphiMediaPlane, MediaStats, WorkerStats } from './plane.ts';
export type { RoomTraffic } from './traffic.ts';
export type { MediaLogger, MediaPlaneOptions } from './options.ts';
export type { VideoCodec } from './codecs.ts';
export { version as mediasoupVersion } from 'mediasoup';
export { FEED_PAYLOAD_TYPE, FEED_SSRC, type Feed, type FeedCodec, type FeedOptions } from './feed/feed.ts';
export type { FeedReceiver, ReceivedTrack, ReceiverOptions } from './feed/receiver.ts';
