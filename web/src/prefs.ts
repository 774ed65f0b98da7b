import { effect, signal } from '@preact/signals';
import { load, save } from './storage.ts';

/** A signal whose value this browser remembers. */
function remembered<T>(key: string, fallback: T) {
  const value = signal<T>(load(key, fallback));
  effect(() => save(key, value.value));
  return value;
}

/** What matters more when watching an event: how soon a picture comes, or how good it is. */
export const watchFor = remembered<'delay' | 'quality'>('watch-for', 'delay');
export const displayName = remembered('name', '');
/** Whether to come in with the microphone and the camera on. */
export const wantMicrophone = remembered('microphone', true);
export const wantCamera = remembered('camera', true);
export const pushToTalk = remembered('push-to-talk', true);
export const mirrorSelf = remembered('mirror', true);
