export type Action = 'mute' | 'camera' | 'talk' | 'chat' | 'people' | 'layout' | 'fullscreen' | 'help' | 'close';

type Keystroke = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

const PLAIN: Readonly<Record<string, Action>> = {
  m: 'mute',
  v: 'camera',
  c: 'chat',
  p: 'people',
  l: 'layout',
  f: 'fullscreen',
  '?': 'help',
};
const WITH_CONTROL: Readonly<Record<string, Action>> = { d: 'mute', e: 'camera' };

/** Where the focus is: in a text box plain keys are text; on a button the space bar presses it. */
export type Focus = 'text' | 'control' | 'page';

/** What a keystroke in the call asks for. Ctrl or Cmd with D and E work everywhere, plain keys only outside of text. */
export function actionFor(stroke: Keystroke, focus: Focus): Action | null {
  const key = stroke.key.toLowerCase();
  if (stroke.altKey) return null;
  if (stroke.ctrlKey || stroke.metaKey) return stroke.shiftKey ? null : (WITH_CONTROL[key] ?? null);
  if (key === 'escape') return 'close';
  if (focus === 'text') return null;
  if (stroke.code === 'Space') return focus === 'page' ? 'talk' : null;
  return PLAIN[key] ?? null;
}

export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return 'page';
  if (target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') !== null) return 'text';
  return target.closest('button, a, input, [role=menu], dialog') === null ? 'page' : 'control';
}
