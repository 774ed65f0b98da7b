import { coreEvents, coreMethods } from '@amphi/protocol';
import { chatEvents, chatMethods } from './chat/protocol.ts';
import { ingestMethods } from './ingest/protocol.ts';
import { liveEvents, liveMethods } from './live/protocol.ts';
import { pushEvents, pushMethods } from './push/protocol.ts';
import { recordingEvents, recordingMethods } from './recording/protocol.ts';

/** Every method and event there is: the core's and one line for each feature. */
export const methods = {
  ...coreMethods,
  ...chatMethods,
  ...ingestMethods,
  ...liveMethods,
  ...pushMethods,
  ...recordingMethods,
};
export const events = { ...coreEvents, ...chatEvents, ...liveEvents, ...pushEvents, ...recordingEvents };
export type Methods = typeof methods;
export type Events = typeof events;
