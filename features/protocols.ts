import { coreEvents, coreMethods } from '@amphi/protocol';
import { chatEvents, chatMethods } from './chat/protocol.ts';

/** Every method and event there is: the core's and one line for each feature. */
export const methods = { ...coreMethods, ...chatMethods };
export const events = { ...coreEvents, ...chatEvents };
export type Methods = typeof methods;
export type Events = typeof events;
