import { coreEvents, coreMethods } from '@amphi/protocol';
import { chatEvents, chatMethods } from './chat/protocol.ts';
import { liveEvents, liveMethods } from './live/protocol.ts';

/** Every method and event there is: the core's and one line for each feature. */
export const methods = { ...coreMethods, ...chatMethods, ...liveMethods };
export const events = { ...coreEvents, ...chatEvents, ...liveEvents };
export type Methods = typeof methods;
export type Events = typeof events;
