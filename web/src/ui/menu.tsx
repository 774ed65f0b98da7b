import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { toast } from './toasts.tsx';

export type MenuItem = {
  /** Needed where labels are not unique. */
  id?: string;
  label: string;
  icon: IconName;
  keys?: string;
  badge?: number;
  /** For a choice among several: whether this is the one. */
  checked?: boolean;
  /** Why it cannot be chosen now. */
  reason?: string | undefined;
  /** Begins another group. */
  apart?: boolean;
  /** Takes something away for good. */
  danger?: boolean;
  onSelect: () => void;
};

type Props = {
  icon: IconName;
  label: string;
  items: readonly MenuItem[];
  badge?: string | number | null;
  class?: string;
  /** In a list that scrolls: the menu lies over everything, below its button where there is room. */
  floating?: boolean;
};

/** A button with a menu (the ARIA menu button pattern): arrows move, Escape and Tab close, the focus goes back. */
export function Menu({ icon, label, items, badge, floating = false, class: extra = '' }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    if (open && floating && list.current && button.current) place(list.current, button.current);
  }, [open, floating]);

  useEffect(() => {
    if (!open) return;
    list.current?.querySelector('button')?.focus();
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (list.current?.contains(target) !== true && button.current?.contains(target) !== true) setOpen(false);
    };
    const scrolled = (event: Event) => {
      if (floating && event.target !== list.current) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('scroll', scrolled, true);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('scroll', scrolled, true);
    };
  }, [open, floating]);

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
        side={floating ? 'bottom' : undefined}
        class={extra}
        buttonRef={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      />
      {open && (
        // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- the focus is on its items
        <div
          ref={list}
          id={id}
          class={`menu ${floating ? 'menu-floating' : ''}`}
          role="menu"
          aria-label={label}
          onKeyDown={onKeyDown}
        >
          {items.map((item) => (
            <MenuButton key={item.id ?? item.label} item={item} close={close} />
          ))}
        </div>
      )}
    </div>
  );
}

function MenuButton({ item, close }: { item: MenuItem; close: () => void }) {
  const { label, icon, badge = 0, keys, checked, reason, apart = false, danger = false } = item;
  return (
    <button
      type="button"
      class={`menu-item ${danger ? 'menu-danger' : ''} ${apart ? 'menu-apart' : ''}`}
      tabIndex={-1}
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      aria-disabled={reason === undefined ? undefined : true}
      aria-description={reason}
      title={reason}
      onClick={() => {
        close();
        if (reason === undefined) item.onSelect();
        else toast(reason);
      }}
    >
      <Icon name={icon} />
      <span class="menu-label">{label}</span>
      {badge > 0 && <span class="menu-badge">{badge}</span>}
      {keys !== undefined && <kbd>{keys}</kbd>}
      {checked === true && <Icon name="check" size={18} />}
    </button>
  );
}

const GAP = 6;

/** Puts a floating menu below its button, or above where there is more room. */
function place(menu: HTMLElement, button: HTMLElement): void {
  const { top, bottom, right } = button.getBoundingClientRect();
  const { width } = menu.getBoundingClientRect();
  const [above, below] = [top - 2 * GAP, innerHeight - bottom - 2 * GAP];
  const isBelow = below >= Math.min(menu.scrollHeight, above);
  menu.style.maxHeight = `${Math.max(120, isBelow ? below : above)}px`;
  menu.style.left = `${Math.max(GAP, Math.min(right - width, innerWidth - width - GAP))}px`;
  if (isBelow) menu.style.top = `${bottom + GAP}px`;
  else menu.style.bottom = `${innerHeight - top + GAP}px`;
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
