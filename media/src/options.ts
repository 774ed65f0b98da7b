import type { VideoCodec } from './codecs.ts';

/** What the media plane logs to; pino has this shape. */
export interface MediaLogger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export type MediaPlaneOptions = {
  /** How many worker processes; each uses one core at most. */
  workers: number;
  /** Path of the mediasoup-worker binary; mediasoup's own choice (MEDIASOUP_WORKER_BIN, else its package) when left out. */
  workerBin?: string | undefined;
  /** The local address that the workers bind. */
  listenIp: string;
  /** The addresses under which clients reach this host, best first. Empty when `listenIp` itself is one. */
  announcedAddresses: readonly string[];
  /** Worker i serves all of its media on UDP and TCP port `basePort + i`. */
  basePort: number;
  /** First is preferred. */
  codecs: readonly VideoCodec[];
  /** A room with more members than this spreads to another worker, where there is one. */
  membersPerRouter: number;
  /** What a receiver's bandwidth is taken to be before it is measured, in bits per second. */
  initialOutgoingBitrate: number;
  /** The most that a member may send, in bits per second (told to it by REMB and transport-cc feedback). */
  maxIncomingBitrate: number;
  /** A transport has its connection, so many milliseconds after it was made. */
  onConnected?(protocol: 'udp' | 'tcp', tookMs: number): void;
  logger: MediaLogger;
};
