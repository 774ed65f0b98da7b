export { type Clock, steadyNow, systemClock } from './clock.ts';
export type { FeatureValues } from './feature-values.ts';
export { type Cluster, type ClusterTopics, createMemoryCluster, type MemoryCluster } from './cluster.ts';
export { createRoomDirectory, type RoomDirectory, type RoomDirectoryOptions } from './directory.ts';
export type { Link } from './event-stream.ts';
export {
  defineFeature,
  type FeatureInRoom,
  type FeatureRoom,
  type Handlers,
  type KeptValues,
  type ServerFeature,
} from './feature.ts';
export type { Logger } from './logger.ts';
export type * from './media.ts';
export type { AnyEvent, CoreEvent, EventOf, Member, MemberProfile } from './member.ts';
export type { Room } from './room.ts';
export type { Session } from './session.ts';
export {
  type Connected,
  type ConnectOptions,
  createSessionManager,
  type SessionManager,
  type SessionManagerOptions,
} from './sessions.ts';
export { openRoomStore, type RoomRecord, type RoomStore, StoreError } from './store.ts';
export { admissionOf, type Credentials, identify, noSuchRoom, type Person } from './admission.ts';
export { Counts } from './counts.ts';
export { type GuessLimit, Guesses } from './guesses.ts';
export type { AuditFilter, AuditLog } from './audit.ts';
export { openDatabase } from './database.ts';
export { Publisher, type PublishedTrack } from './publisher.ts';
export type { StreamKey } from './stream-keys.ts';
export type { Governor } from './governor.ts';
export type { ObservedMember, RoomObserver } from './observer.ts';
export type { PassClaims, Passes } from './passes.ts';
export { type Actor, mayDo } from './rights.ts';
export { hashPassword, isPassword, sameText } from './secrets.ts';
