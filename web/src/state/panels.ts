import { signal } from '@preact/signals';

/** What can stand beside the stage: a feature's panel by its id, or one of the app's own. */
export type PanelId = 'people' | 'statistics' | (string & {});
export type DialogId = 'settings' | 'keys' | 'invite';

export type Panels = ReturnType<typeof createPanels>;

/** Which side panel and which dialog are open; at most one of each. */
export function createPanels() {
  const panel = signal<PanelId | null>(null);
  const dialog = signal<DialogId | null>(null);
  return {
    panel,
    dialog,
    togglePanel(id: PanelId): void {
      panel.value = panel.value === id ? null : id;
    },
  };
}
