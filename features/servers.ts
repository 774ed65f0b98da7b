import type { ServerFeature } from '@amphi/rooms';
import { chat } from './chat/server.ts';
import { live } from './live/server.ts';

/** Every feature's server half: one line each. */
export const features: readonly ServerFeature[] = [chat, live];
