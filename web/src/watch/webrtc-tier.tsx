import type { Call } from '@amphi/client';
import type { StageLayout } from '@amphi/features/live/client.ts';
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { createAudioOut } from '../media/audio-out.ts';
import { createCallStore } from '../state/call-store.ts';
import { isOn } from '../state/people.ts';
import { playEverybody } from '../state/wire-media.ts';
import { performersOf } from './performers.ts';
import { createPlayoutMeter } from './playout-meter.ts';
import { StageView } from './stage-view.tsx';
import type { Tier } from './tier.ts';

/** How often the round trip to the server is looked at. */
const RTT_EVERY_MS = 5000;
/** How long a first picture may take while nothing connects, and while something did, in milliseconds. */
const UNCONNECTED_MS = 4000;
const CONNECTED_MS = 8000;
/** That time is counted in steps: on a device that is too busy they come late, and it is given more. */
const STEP_MS = 250;

/** The stage as it is: one stream a track, laid out here. */
export function createWebrtcTier({ call, layout }: { call: Call; layout: ReadonlySignal<StageLayout> }): Tier {
  const store = createCallStore(call);
  const muted = signal(true);
  const shown = signal(false);
  const late = signal(false);
  const rttMs = signal<number | null>(null);
  const meter = createPlayoutMeter();
  let audio: ReturnType<typeof createAudioOut> | undefined;
  let stopAudio: (() => void) | undefined;

  const performers = computed(() => performersOf(store));
  const isAway = computed(() => performers.value.every(({ presence }) => presence === 'reconnecting'));
  const hasPictures = computed(() =>
    performers.value.some((person) => isOn(person, 'camera') || isOn(person, 'screen')),
  );
  const phase = computed(() => {
    if (performers.value.length === 0) return store.state.value === 'joined' ? 'empty' : 'starting';
    if (isAway.value || store.state.value === 'reconnecting') return 'reconnecting';
    return !hasPictures.value || shown.value ? 'playing' : 'starting';
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
  const stopWaiting = effect(() => {
    // A picture is due: it comes, or something is in its way.
    const isDue = !shown.value && hasPictures.value && !isAway.value && store.state.value === 'joined';
    if (!isDue) return;
    const limit = store.network.value.state === 'ok' ? CONNECTED_MS : UNCONNECTED_MS;
    let waited = 0;
    const waiting = setInterval(() => {
      waited += STEP_MS;
      if (waited >= limit) late.value = true;
    }, STEP_MS);
    return () => clearInterval(waiting);
  });

  return {
    name: 'webrtc',
    phase,
    delayMs,
    failed: computed(() => late.value || store.network.value.state === 'blocked'),
    muted,
    setMuted(next) {
      muted.value = next;
      stopAudio?.();
      audio?.close();
      [audio, stopAudio] = [undefined, undefined];
      if (next) return;
      audio = createAudioOut();
      stopAudio = playEverybody(store, audio);
      void audio.resume();
    },
    View: () => (
      <StageView
        people={performers.value}
        dominantId={store.dominantId.value}
        layout={layout.value}
        onFrame={(video, frame) => {
          shown.value = true;
          meter.frame(video, frame);
        }}
      />
    ),
    close() {
      clearInterval(timer);
      stopFirst();
      stopWaiting();
      stopAudio?.();
      audio?.close();
      store.close();
    },
  };
}
