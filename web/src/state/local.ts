import type { LocalMedia, LocalMediaState } from '@amphi/client';
import { signal, type ReadonlySignal } from '@preact/signals';

/** The devices' state as a signal; `close` ends the listening, not the devices. */
export function localSignal(local: LocalMedia): { state: ReadonlySignal<LocalMediaState>; close: () => void } {
  const state = signal(local.state);
  const close = local.onChange((next) => (state.value = next));
  return { state, close };
}
