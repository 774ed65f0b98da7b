import { auditEndpoints } from './audit.ts';
import { keyEndpoints } from './keys.ts';
import { memberEndpoints } from './members.ts';
import { recordingEndpoints } from './recordings.ts';
import { roomEndpoints } from './rooms.ts';
import { tokenEndpoints } from './tokens.ts';
import { webhookEndpoints } from './webhooks.ts';

export type { auditEndpoints } from './audit.ts';
export type { keyEndpoints } from './keys.ts';
export type { memberEndpoints } from './members.ts';
export {
  type ApiRecording,
  type ApiShare,
  recordingEndpoints,
  type SharedRecording,
  shareOpening,
} from './recordings.ts';
export type { roomEndpoints } from './rooms.ts';
export type { tokenEndpoints } from './tokens.ts';
export type { webhookEndpoints } from './webhooks.ts';
export type { ApiCall, ApiInput, ApiOutput, Endpoint, EndpointMap } from './define.ts';
export { type ApiKey, apiKey } from './keys.ts';
export { type ApiMember, identity } from './members.ts';
export type { ApiRoom } from './rooms.ts';
export { type Scope, scope, SCOPES } from './scopes.ts';
export {
  type ApiDelivery,
  type ApiWebhook,
  type WebhookEventName,
  type WebhookEvents,
  webhookEvents,
  webhookSecret,
} from './webhooks.ts';

/** Every endpoint of the REST API. */
export const endpoints = {
  ...roomEndpoints,
  ...memberEndpoints,
  ...tokenEndpoints,
  ...auditEndpoints,
  ...keyEndpoints,
  ...webhookEndpoints,
  ...recordingEndpoints,
};
export type Endpoints = typeof endpoints;
