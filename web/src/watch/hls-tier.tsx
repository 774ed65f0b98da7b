import type { Call } from '@amphi/client';
import type { Live } from '@amphi/features/live/client.ts';
import { computed, signal } from '@preact/signals';
import { createCallStore } from '../state/call-store.ts';
import { HlsControls } from './hls-controls.tsx';
import { createHlsPlayer, type HlsPlayer } from './hls-player.ts';
import { performersOf } from './performers.ts';
import type { Tier } from './tier.ts';
import { useEffect, useRef } from 'preact/hooks';
import { tw } from '../i18n/watch.ts';

/** The stage as one picture, some seconds late, and with all that was before. */
export function createHlsTier({ call, live, path }: { call: Call; live: Live; path: string }): Tier {
  const store = createCallStore(call);
  const performers = computed(() => performersOf(store));
  const areAway = computed(
    () => performers.value.length > 0 && performers.value.every(({ presence }) => presence === 'reconnecting'),
  );
  const player = createHlsPlayer({ path, serverNow: () => live.serverNow(), comes: () => !areAway.value });

  const phase = computed(() => {
    // Who looks at what was before does not care who is there now.
    if (player.isBehind.value || player.paused.value) return player.shown.value ? 'playing' : 'starting';
    if (areAway.value) return 'reconnecting';
    if (performers.value.length === 0 && store.state.value === 'joined') return 'empty';
    if (player.interrupted.value) return player.shown.value ? 'retrying' : 'starting';
    return player.shown.value ? 'playing' : 'starting';
  });

  return {
    name: 'hls',
    phase,
    delayMs: player.delayMs,
    // There is nothing below it: it goes on trying.
    failed: signal(false),
    muted: player.muted,
    setMuted: (muted) => player.setMuted(muted),
    View: () => <HlsVideo player={player} label={tw('stage')} />,
    Controls: () => <HlsControls player={player} />,
    close() {
      player.close();
      store.close();
    },
  };
}

/** The player's video, wherever it is shown: the element itself stays the same. */
export function HlsVideo({ player, label }: { player: HlsPlayer; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.append(player.video);
  }, [player]);
  return <div ref={box} class="watch-video" role="group" aria-label={label} />;
}
