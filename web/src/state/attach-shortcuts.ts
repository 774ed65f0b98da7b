import { toggleFullscreen } from '../components/fullscreen.ts';
import { pushToTalk } from '../prefs.ts';
import { afterPointer, releaseFocus } from './pointer-focus.ts';
import { actionFor, focusOf, type Action } from './shortcuts.ts';
import type { CallContext } from './use-call.ts';

/** Lets the keyboard do what the buttons do, as long as the call page is there. Answers what ends it. */
export function attachShortcuts(context: CallContext): () => void {
  const { devices, panels, layout } = context;
  const actions: Record<Exclude<Action, 'talk'>, () => unknown> = {
    mute: () => devices.setMicrophone(!devices.microphoneOn.value),
    camera: () => devices.setCamera(!devices.cameraOn.value),
    chat: () => panels.togglePanel('chat'),
    people: () => panels.togglePanel('people'),
    layout: () => layout.setMode(layout.mode.value === 'grid' ? 'speaker' : 'grid'),
    fullscreen: () => toggleFullscreen(),
    help: () => (panels.dialog.value = 'keys'),
    close: () => (panels.panel.value = null),
  };

  const down = (event: KeyboardEvent) => {
    // A dialog takes the keys that it knows, and nothing behind it may move.
    if (panels.dialog.value !== null || panels.asked.value !== null) return;
    const action = actionFor(event, focusOf(event.target));
    if (action === null || (action === 'talk' && !pushToTalk.value)) return;
    event.preventDefault();
    if (event.repeat) return;
    if (action === 'talk') void devices.talk(true);
    else actions[action]();
  };
  const up = (event: KeyboardEvent) => {
    if (event.code === 'Space') void devices.talk(false);
  };
  // A key that is released over another window is never seen to be released here.
  const blur = () => void devices.talk(false);

  addEventListener('keydown', down);
  addEventListener('keyup', up);
  addEventListener('blur', blur);
  const endPointer = afterPointer(globalThis, () => releaseFocus(focusedElement()));
  return () => {
    endPointer();
    removeEventListener('keydown', down);
    removeEventListener('keyup', up);
    removeEventListener('blur', blur);
  };
}

function focusedElement(): HTMLElement | null {
  return document.activeElement instanceof HTMLElement ? document.activeElement : null;
}
