import type { Call, MediaSettings } from '@amphi/client';

/** Longer than a connection takes, shorter than somebody wonders where the camera stays. */
const PATIENCE_MS = 1500;

/** How the server wants cameras captured, or undefined where it does not answer soon: devices are opened all the same. */
export function captureSettings(call: Pick<Call, 'media' | 'on'>): Promise<MediaSettings | undefined> {
  if (call.media !== null) return Promise.resolve(call.media);
  const { promise, resolve } = Promise.withResolvers<MediaSettings | undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  const off = call.on('state', (state) => {
    if (call.media !== null) resolve(call.media);
    else if (state === 'ended') resolve(undefined);
  });
  return promise.finally(() => {
    clearTimeout(timer);
    off();
  });
}
