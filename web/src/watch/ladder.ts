import type { Call } from '@amphi/client';
import type { Live, LiveSnapshot, StageLayout } from '@amphi/features/live/client.ts';
import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import { codeOf } from '../errors.ts';
import { tw } from '../i18n/watch.ts';
import { watchFor } from '../prefs.ts';
import { toast } from '../ui/toasts.tsx';
import { createHlsTier } from './hls-tier.tsx';
import { hasWebRtc } from './prepare.ts';
import type { Tier, TierName } from './tier.ts';
import { createWebrtcTier } from './webrtc-tier.tsx';

/** How long a stream may be gone until who watches it is taken back to real time, in milliseconds. */
const GONE_MS = 10_000;

/** Why a viewer is not in real time, where that is not by choice. */
export type Hindrance = 'blocked' | 'full' | 'unsupported' | null;

export type Standing = {
  prefers: 'delay' | 'quality';
  /** Whether there is a stream. */
  hasStream: boolean;
  hindrance: Hindrance;
};

/** Real time while it gets through and there is room, else the stream; without a stream, there is nothing else. */
export function tierFor({ prefers, hasStream, hindrance }: Standing): TierName {
  return hasStream && (prefers === 'quality' || hindrance !== null) ? 'hls' : 'webrtc';
}

type Makers = {
  webrtc(options: { call: Call; layout: ReadonlySignal<StageLayout> }): Tier;
  hls(options: { call: Call; live: Live; path: string }): Tier;
};

const MAKERS: Makers = {
  webrtc: createWebrtcTier,
  hls: createHlsTier,
};

export type Ladder = ReturnType<typeof createLadder>;

/**
 * Decides how the event reaches this viewer, and changes that while it goes on. Down to the stream silently, as soon as
 * real time does not get through or has no place; up again only when the viewer asks for it.
 */
export function createLadder(
  { call, live, state }: { call: Call; live: Live; state: ReadonlySignal<LiveSnapshot> },
  makers: Makers = MAKERS,
) {
  const tier = signal<Tier | null>(null);
  const hindrance = signal<Hindrance>(firstHindrance(call));
  const layout = computed<StageLayout>(() => state.value.event?.layout ?? 'speaker');
  /** The stream's path, and for a while what it was. */
  const path = signal<string | null>(null);
  let muted = true;
  let closed = false;

  const stopPath = effect(() => {
    const { hls } = state.value;
    const now = hls?.kind === 'live' ? hls.path : null;
    if (now !== null || untracked(() => tier.value?.name) !== 'hls') {
      path.value = now;
      return;
    }
    const timer = setTimeout(() => (path.value = null), GONE_MS);
    return () => clearTimeout(timer);
  });

  const name = computed(() =>
    tierFor({ prefers: watchFor.value, hasStream: path.value !== null, hindrance: hindrance.value }),
  );

  const stopTier = effect(() => {
    const wanted = name.value;
    const stream = wanted === 'hls' ? path.value : null;
    let current = true;
    untracked(() => void change(wanted, stream, () => current && !closed));
    return () => (current = false);
  });

  /** Whether it is of use to ask for real time. */
  function mayAsk(): boolean {
    return hindrance.value !== 'full' && hindrance.value !== 'unsupported';
  }

  async function change(wanted: TierName, stream: string | null, isCurrent: () => boolean): Promise<void> {
    try {
      if (stream !== null) {
        show(makers.hls({ call, live, path: stream }), isCurrent);
        if (isCurrent() && call.hasMedia) await call.receive(false);
        return;
      }
      if (wanted === 'webrtc' && !call.hasMedia && mayAsk()) await call.receive(true);
      show(makers.webrtc({ call, layout }), isCurrent);
    } catch (error) {
      if (!isCurrent()) return;
      // No place, or nothing of real time works here: the stream if there is one, and else words.
      hindrance.value = codeOf(error) === 'room-full' ? 'full' : 'blocked';
      if (hindrance.value === 'full') toast(tw('choice.full'));
      if (tier.value === null) show(makers.webrtc({ call, layout }), isCurrent);
    }
  }

  function show(next: Tier, isCurrent: () => boolean): void {
    if (!isCurrent()) {
      next.close();
      return;
    }
    const before = tier.value;
    tier.value = next;
    before?.close();
    // Whoever has turned the sound on keeps it.
    if (!muted) next.setMuted(false);
  }

  const stopFailed = effect(() => {
    if (tier.value?.failed.value === true && hindrance.value !== 'unsupported') hindrance.value = 'blocked';
  });

  return {
    tier,
    hindrance,
    /** The path of a picture of what is on now; null where there is none. */
    thumbnail: computed(() => path.value?.replace(/index\.m3u8$/, 'thumb.jpg') ?? null),
    /** Whether there is anything to choose. */
    hasChoice: computed(() => path.value !== null),
    setMuted(next: boolean): void {
      muted = next;
      tier.value?.setMuted(next);
    },
    /** The viewer's choice, remembered. Real time is tried again, whatever came in between before. */
    prefer(what: 'delay' | 'quality'): void {
      watchFor.value = what;
      if (what === 'delay' && hindrance.value !== 'unsupported') hindrance.value = null;
    },
    close(): void {
      closed = true;
      stopPath();
      stopTier();
      stopFailed();
      tier.value?.close();
    },
  };
}

function firstHindrance(call: Call): Hindrance {
  if (!hasWebRtc()) return 'unsupported';
  return call.hasMedia || watchFor.value === 'quality' ? null : 'full';
}
