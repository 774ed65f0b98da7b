import type { LocalMedia } from '@amphi/client';
import { effect } from '@preact/signals';
import { t } from '../i18n/index.ts';
import type { IconName } from '../ui/icon.tsx';
import { toast } from '../ui/toasts.tsx';
import type { CallStore } from './call-store.ts';
import type { Devices } from './devices.ts';
import { newsBetween } from './news.ts';
import type { Person } from './people.ts';

const ICONS = {
  joined: 'people',
  left: 'people',
  reconnecting: 'wifi',
  back: 'wifi',
  share: 'screen',
} as const satisfies Record<string, IconName>;

/** Says who comes and goes, and that the own connection is back. Whoever was there before is not news. */
export function tellNews(store: CallStore): () => void {
  let before: readonly Person[] | null = null;
  let wasReconnecting = false;
  return effect(() => {
    const state = store.state.value;
    const people = store.people.value;
    if (state === 'reconnecting') wasReconnecting = true;
    if (state !== 'joined') {
      before = null;
      return;
    }
    if (wasReconnecting) toast(t('toast.reconnected'), { icon: 'wifi' });
    wasReconnecting = false;
    if (before !== null) {
      for (const { kind, name } of newsBetween(before, people))
        toast(t(`toast.${kind}`, { name }), { icon: ICONS[kind] });
    }
    before = people;
  });
}

const LISTEN_EVERY_MS = 250;
const LOUD = 0.25;
/** So many loud moments in a row are speech and not a cough. */
const LOUD_MOMENTS = 4;
const WARN_AGAIN_MS = 30_000;

/** Tells a person who speaks while muted that nobody hears it. */
export function warnWhenMutedAndTalking(local: LocalMedia, devices: Devices): () => void {
  let loud = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const muted = !devices.microphoneOn.value && local.state.microphone !== null;
    loud = muted && local.level() > LOUD ? loud + 1 : 0;
    if (loud < LOUD_MOMENTS || performance.now() - warnedAt < WARN_AGAIN_MS) return;
    warnedAt = performance.now();
    toast(t('call.muted-talking'), { icon: 'mic-off' });
  }, LISTEN_EVERY_MS);
  return () => clearInterval(timer);
}
