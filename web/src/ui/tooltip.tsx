import type { ComponentChildren } from 'preact';

type Props = {
  text: string;
  keys?: string | undefined;
  side?: 'top' | 'bottom' | undefined;
  children: ComponentChildren;
};

/**
 * Words that appear over a control under the pointer or the focus. They repeat the control's accessible name, so
 * screen readers are spared them.
 */
export function Tooltip({ text, keys, side = 'top', children }: Props) {
  return (
    <span class={`tooltip tooltip-${side}`}>
      {children}
      <span class="tooltip-text" aria-hidden="true">
        {text}
        {keys !== undefined && <kbd>{keys}</kbd>}
      </span>
    </span>
  );
}
