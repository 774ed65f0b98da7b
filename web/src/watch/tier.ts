import type { ReadonlySignal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** How an event reaches a viewer: over WebRTC in real time, or as a stream of segments some seconds later. */
export type TierName = 'webrtc' | 'hls';

/** What brings the event to the screen. The page around it does not care which one it is. */
export interface Tier {
  readonly name: TierName;
  /** Whether there is a picture on the screen, or why not. */
  readonly phase: ReadonlySignal<'starting' | 'playing' | 'reconnecting' | 'empty'>;
  /** Milliseconds from the server to the screen, as measured; null while that is not known. */
  readonly delayMs: ReadonlySignal<number | null>;
  /** Whether there is no sound yet; every tier starts so, because browsers only let pictures start by themselves. */
  readonly muted: ReadonlySignal<boolean>;
  /** To be called from a click where sound is wanted. */
  setMuted(muted: boolean): void;
  /** The pictures. */
  readonly View: ComponentType;
  close(): void;
}
