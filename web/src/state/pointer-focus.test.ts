import { expect, test, vi } from 'vitest';
import { afterPointer, releaseFocus } from './pointer-focus.ts';

/** An element inside of these others, each of which is named as the selectors name it. */
function elementIn(...around: string[]) {
  const closest = (selectors: string) => (selectors.split(', ').some((one) => around.includes(one)) ? {} : null);
  return { closest: closest as HTMLElement['closest'], blur: vi.fn<() => void>() };
}

test('a button lets the focus go, a text box keeps it', () => {
  const button = elementIn('button');
  releaseFocus(button);
  expect(button.blur).toHaveBeenCalledOnce();
  const text = elementIn('textarea');
  releaseFocus(text);
  expect(text.blur).not.toHaveBeenCalled();
  releaseFocus(null);
});

test.each(['dialog', '[role=menu]'])('a button in a %s keeps the focus', (place) => {
  const button = elementIn('button', place);
  releaseFocus(button);
  expect(button.blur).not.toHaveBeenCalled();
});

test('a pointer is told from the keyboard', () => {
  const page = new EventTarget();
  const release = vi.fn<() => void>();
  const end = afterPointer(page, release);
  const tell = (type: string, detail: number) => page.dispatchEvent(Object.assign(new Event(type), { detail }));
  tell('click', 0);
  expect(release).not.toHaveBeenCalled();
  tell('click', 1);
  expect(release).toHaveBeenCalledTimes(1);
  // Pressed on a button and released elsewhere: no click, and the focus is on the button.
  tell('mouseup', 0);
  expect(release).toHaveBeenCalledTimes(2);
  end();
  tell('mouseup', 1);
  tell('click', 1);
  expect(release).toHaveBeenCalledTimes(2);
});
