import type { ReadonlySignal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** How an event reaches a viewer: over WebRTC in real time, or as a stream of segments some seconds later. */
export type TierName = 'webrtc' | 'hls';

/**
 * Whether there is a picture on the screen, or why not. `reconnecting`: who is on stage is away. `retrying`: what brings it
 * to this viewer is interrupted.
 */
export type TierPhase = 'starting' | 'playing' | 'reconnecting' | 'retrying' | 'empty';

/** What brings the event to the screen. The page around it does not care which one it is. */
export interface Tier {
  readonly name: TierName;
  readonly phase: ReadonlySignal<TierPhase>;
  /** Milliseconds that the picture is late, as measured; null while that is not known. */
  readonly delayMs: ReadonlySignal<number | null>;
  /** It does not get through to this viewer, and another tier had better take over. */
  readonly failed: ReadonlySignal<boolean>;
  /** Whether there is no sound yet; every tier starts so, because browsers only let pictures start by themselves. */
  readonly muted: ReadonlySignal<boolean>;
  /** To be called from a click where sound is wanted. */
  setMuted(muted: boolean): void;
  /** The pictures. */
  readonly View: ComponentType;
  /** What there is to do beside the sound: to go back in time, to choose how good the picture is. */
  readonly Controls?: ComponentType;
  close(): void;
}
