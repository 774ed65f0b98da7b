import { effect, signal } from '@preact/signals';
import { load, save } from './storage.ts';

export type Theme = 'auto' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export const theme = signal<Theme>(load<Theme>('theme', 'auto'));

/** Keeps the page in the chosen theme; `auto` leaves it to the system. */
export function startTheme(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = theme.value;
    save('theme', theme.value);
  });
}
