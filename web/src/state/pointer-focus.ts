type Focused = Pick<HTMLElement, 'closest' | 'blur'>;

/**
 * Takes the focus off a button that was pressed with a pointer: the space bar would press it again, where the person
 * means to talk. In dialogs and open menus the keyboard is at home and the focus stays.
 */
export function releaseFocus(focused: Focused | null): void {
  if (focused?.closest('button, a') && !focused.closest('dialog, [role=menu]')) focused.blur();
}

/** Calls `release` after every use of a pointer, also one that missed its button, and not after a click by keyboard. */
export function afterPointer(page: EventTarget, release: () => void): () => void {
  // Only after the click itself: a menu gives the focus to its button then.
  const click = (event: Event) => {
    if ((event as UIEvent).detail > 0) release();
  };
  page.addEventListener('mouseup', release);
  page.addEventListener('click', click);
  return () => {
    page.removeEventListener('mouseup', release);
    page.removeEventListener('click', click);
  };
}
