import { signal } from '@preact/signals';
import { t } from '../i18n/index.ts';
import { Icon, type IconName } from './icon.tsx';

/** Something that can be done about it at once. */
type ToastAction = { label: string; run: () => void };
type Toast = { id: number; text: string; icon: IconName; urgent: boolean; action: ToastAction | undefined };

const SHOWN_MS = 5000;
const MOST = 4;

const toasts = signal<Toast[]>([]);
let lastId = 0;

/** Says something in passing, to the eye and to screen readers. Urgent ones stay longer and interrupt. Answers what takes it away. */
export function toast(
  text: string,
  options: { icon?: IconName; urgent?: boolean; action?: ToastAction } = {},
): () => void {
  const { icon = 'info', urgent = false, action } = options;
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value, { id, text, icon, urgent, action }].slice(-MOST);
  setTimeout(() => dismiss(id), urgent || action ? SHOWN_MS * 2 : SHOWN_MS);
  return () => dismiss(id);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((item) => item.id !== id);
}

/** The corner where toasts appear. Both live regions are there from the start: those made later are not announced. */
export function Toasts() {
  return (
    <div class="toasts">
      <div role="log" aria-live="polite" aria-label={t('toast.notifications')}>
        {toasts.value
          .filter((item) => !item.urgent)
          .map((item) => (
            <ToastView key={item.id} item={item} />
          ))}
      </div>
      <div aria-live="assertive">
        {toasts.value
          .filter((item) => item.urgent)
          .map((item) => (
            <ToastView key={item.id} item={item} />
          ))}
      </div>
    </div>
  );
}

function ToastView({ item }: { item: Toast }) {
  return (
    <div class={item.urgent ? 'toast toast-urgent' : 'toast'}>
      <Icon name={item.icon} />
      <span>{item.text}</span>
      {item.action !== undefined && (
        <button type="button" class="toast-action" onClick={() => (dismiss(item.id), item.action?.run())}>
          {item.action.label}
        </button>
      )}
      <button type="button" class="toast-close" aria-label={t('toast.dismiss')} onClick={() => dismiss(item.id)}>
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}
