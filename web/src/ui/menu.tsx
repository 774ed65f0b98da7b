import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';

export type MenuItem = {
  /** Needed where labels are not unique. */
  id?: string;
  label: string;
  icon: IconName;
  keys?: string;
  badge?: number;
  /** For a choice among several: whether this is the one. */
  checked?: boolean;
  onSelect: () => void;
};

type Props = {
  icon: IconName;
  label: string;
  items: readonly MenuItem[];
  badge?: string | number | null;
  class?: string;
};

/** A button with a menu (the ARIA menu button pattern): arrows move, Escape and Tab close, the focus goes back. */
export function Menu({ icon, label, items, badge, class: extra = '' }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    list.current?.querySelector('button')?.focus();
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (list.current?.contains(target) !== true && button.current?.contains(target) !== true) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') setOpen(false);
    else moveFocus(list.current, event);
  };

  return (
    <div class="menu-anchor">
      <IconButton
        icon={icon}
        label={label}
        badge={badge}
        class={extra}
        buttonRef={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      />
      {open && (
        // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- the focus is on its items
        <div ref={list} id={id} class="menu" role="menu" aria-label={label} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button
              key={item.id ?? item.label}
              type="button"
              class="menu-item"
              tabIndex={-1}
              role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.checked}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              <Icon name={item.icon} />
              <span class="menu-label">{item.label}</span>
              {item.badge !== undefined && item.badge > 0 && <span class="menu-badge">{item.badge}</span>}
              {item.keys !== undefined && <kbd>{item.keys}</kbd>}
              {item.checked === true && <Icon name="check" size={18} />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Moves the focus among the buttons of a list as the arrow keys, Home and End ask. */
function moveFocus(list: HTMLElement | null, event: KeyboardEvent): void {
  const items = [...(list?.querySelectorAll('button') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLButtonElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
}
