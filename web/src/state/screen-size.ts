import { signal, type ReadonlySignal } from '@preact/signals';

function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const value = signal(list.matches);
  list.addEventListener('change', () => (value.value = list.matches));
  return value;
}

/** Phones, and windows as narrow as one: fewer buttons, flexible tiles, panels over the whole page. */
export const isCompact = matches('(max-width: 640px), (max-height: 420px)');
