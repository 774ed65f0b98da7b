import type { Source } from './model.ts';
import type { Permission } from './permissions.ts';

// What both sides need at run time and what needs no schema: the browser bundle takes it without zod.

/** Grows when an old client could no longer work with a new server. */
export const PROTOCOL_VERSION = 2;

/** The Socket.IO event that carries every request; its ack carries the `Answer`. */
export const REQUEST = 'request';
/** The Socket.IO event that carries every event of the server. */
export const EVENT = 'event';

/** What kind of media each source is. */
export const KIND_OF_SOURCE = {
  camera: 'video',
  microphone: 'audio',
  screen: 'video',
  'screen-audio': 'audio',
} as const satisfies Record<Source, 'audio' | 'video'>;

/** The right that sending each source needs. */
export const PUBLISH_PERMISSION = {
  camera: 'publish.video',
  microphone: 'publish.audio',
  screen: 'publish.screen',
  'screen-audio': 'publish.screen',
} as const satisfies Record<Source, Permission>;
