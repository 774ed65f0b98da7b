import type { ButtonHTMLAttributes, ComponentChildren, Ref } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import { toast } from './toasts.tsx';
import { Tooltip } from './tooltip.tsx';

type Variant = 'primary' | 'plain' | 'quiet' | 'danger';

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'ref'> & {
  variant?: Variant;
  icon?: IconName;
  busy?: boolean;
  children: ComponentChildren;
};

/** A button with words. */
export function Button({
  variant = 'plain',
  icon,
  busy = false,
  children,
  class: extra,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button {...rest} type={type} class={`button button-${variant} ${extra ?? ''}`} aria-busy={busy || undefined}>
      {busy ? <span class="spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'label' | 'ref'> & {
  icon: IconName;
  /** The accessible name, shown as a tooltip too. */
  label: string;
  /** A key that does the same, shown in the tooltip. */
  keys?: string;
  variant?: Variant;
  side?: 'top' | 'bottom' | undefined;
  badge?: string | number | null | undefined;
  /** Why it does nothing now, if so. It stays reachable, so that everybody can learn that. */
  reason?: string | undefined;
  buttonRef?: Ref<HTMLButtonElement>;
};

/** A round button with an icon only. */
export function IconButton({
  icon,
  label,
  keys,
  variant = 'plain',
  side,
  badge,
  reason,
  buttonRef,
  class: extra,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={reason ?? label} keys={reason === undefined ? keys : undefined} side={side}>
      <button
        {...rest}
        ref={buttonRef ?? null}
        type="button"
        class={`icon-button icon-button-${variant} ${extra ?? ''}`}
        aria-label={label}
        {...(reason !== undefined && {
          'aria-disabled': true,
          'aria-description': reason,
          onClick: () => toast(reason),
        })}
      >
        <Icon name={icon} size={22} />
      </button>
      {badge !== null && badge !== undefined && (
        <span class="badge" aria-hidden="true">
          {badge}
        </span>
      )}
    </Tooltip>
  );
}
