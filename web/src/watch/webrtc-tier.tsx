import type { Call } from '@amphi/client';
import { computed, effect, signal } from '@preact/signals';
import { createAudioOut } from '../media/audio-out.ts';
import { type CallStore, createCallStore } from '../state/call-store.ts';
import { isOn } from '../state/people.ts';
import { playEverybody } from '../state/wire-media.ts';
import { createPlayoutMeter } from './playout-meter.ts';
import { StageView } from './stage-view.tsx';
import type { Tier } from './tier.ts';

/** How often the round trip to the server is looked at. */
const RTT_EVERY_MS = 5000;

/** The stage as it is: one stream a track, laid out here. */
export function createWebrtcTier(call: Call): Tier {
  const store = createCallStore(call);
  const muted = signal(true);
  const shown = signal(false);
  const rttMs = signal<number | null>(null);
  const meter = createPlayoutMeter();
  let audio: ReturnType<typeof createAudioOut> | undefined;
  let stopAudio: (() => void) | undefined;

  const performers = computed(() => performersOf(store));
  const phase = computed(() => {
    const on = performers.value;
    if (on.length === 0) return store.state.value === 'joined' ? 'empty' : 'starting';
    const away = on.every(({ presence }) => presence === 'reconnecting');
    if (away || store.state.value === 'reconnecting') return 'reconnecting';
    const pictures = on.filter((person) => isOn(person, 'camera') || isOn(person, 'screen'));
    return pictures.length === 0 || shown.value ? 'playing' : 'starting';
  });
  const delayMs = computed(() => {
    const playout = meter.delayMs.value;
    return playout === null || rttMs.value === null ? null : Math.round(playout + rttMs.value / 2);
  });

  const measure = () => {
    call.stats().then(
      ({ connections }) => (rttMs.value = connections.find(({ role }) => role === 'recv')?.rttMs ?? null),
      () => undefined,
    );
  };
  const timer = setInterval(measure, RTT_EVERY_MS);
  const stopFirst = effect(() => {
    if (shown.value && rttMs.value === null) measure();
  });

  return {
    name: 'webrtc',
    phase,
    delayMs,
    muted,
    setMuted(next) {
      muted.value = next;
      if (next) {
        stopAudio?.();
        audio?.close();
        [audio, stopAudio] = [undefined, undefined];
        return;
      }
      audio = createAudioOut();
      stopAudio = playEverybody(store, audio);
      void audio.resume();
    },
    View: () => (
      <StageView
        people={performers.value}
        dominantId={store.dominantId.value}
        onFrame={(video, frame) => {
          shown.value = true;
          meter.frame(video, frame);
        }}
      />
    ),
    close() {
      clearInterval(timer);
      stopFirst();
      stopAudio?.();
      audio?.close();
      store.close();
    },
  };
}

/** Everybody on stage who sends something, or did until the connection was lost. */
function performersOf(store: CallStore) {
  return store.people.value.filter((person) => !person.self && Object.keys(person.tracks).length > 0);
}
