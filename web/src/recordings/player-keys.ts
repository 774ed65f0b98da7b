const STEP_S = 5;
const JUMP_S = 10;

export type PlayerActions = {
  toggle(): void;
  /** By so many seconds, back where it is negative. */
  skip(seconds: number): void;
  seek(seconds: number): void;
  mute(): void;
  fullscreen(): void;
};

/** Does what a key is for in a player, unless it is for what has the focus: text, a choice, a button that is pressed. */
export function actOnKey(event: KeyboardEvent, actions: PlayerActions): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = actionOf(event, actions);
  if (!act) return;
  event.preventDefault();
  act();
}

function actionOf({ key, target }: KeyboardEvent, actions: PlayerActions): (() => void) | undefined {
  const focused = target instanceof Element ? target : undefined;
  if (focused?.closest('input:not([type=range]), textarea, select, dialog')) return undefined;
  const isControl = focused !== undefined && focused.closest('button, a, summary') !== null;
  switch (key.toLowerCase()) {
    case ' ':
      return isControl ? undefined : actions.toggle;
    case 'k':
      return actions.toggle;
    case 'arrowleft':
      return () => actions.skip(-STEP_S);
    case 'arrowright':
      return () => actions.skip(STEP_S);
    case 'j':
      return () => actions.skip(-JUMP_S);
    case 'l':
      return () => actions.skip(JUMP_S);
    case 'home':
      return () => actions.seek(0);
    case 'end':
      return () => actions.seek(Infinity);
    case 'm':
      return actions.mute;
    case 'f':
      return actions.fullscreen;
    default:
      return undefined;
  }
}
