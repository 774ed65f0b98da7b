import { signal } from '@preact/signals';

/** What can stand beside the stage: a feature's panel by its id, or one of the app's own. */
export type PanelId = 'people' | 'statistics' | (string & {});
export type DialogId = 'settings' | 'keys' | 'invite' | 'room' | 'bans' | 'audit' | 'leave';
/** A dialog, or one about somebody. */
export type OpenDialog = DialogId | { about: 'remove' | 'ban' | 'rights'; memberId: string; name: string };

export type Panels = ReturnType<typeof createPanels>;

/** Which side panel and which dialog are open; at most one of each. */
export function createPanels() {
  const panel = signal<PanelId | null>(null);
  const dialog = signal<OpenDialog | null>(null);
  /** A moderator asks this person to switch something on; stands before whatever else is open. */
  const asked = signal<{ source: 'microphone' | 'camera'; by: string } | null>(null);
  return {
    panel,
    dialog,
    asked,
    togglePanel(id: PanelId): void {
      panel.value = panel.value === id ? null : id;
    },
  };
}
