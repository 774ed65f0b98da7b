import type { TilePlace } from './compositor.ts';
import type { TileFrame } from './tile-decoder.ts';

/** What the worker thread of a canvas is made with. */
export type CanvasSetup = {
  ffmpeg: string;
  width: number;
  height: number;
  frameRate: number;
  bitrate: number;
  delayUs: number | undefined;
  /** The time on the clock of the program when `process.hrtime` was 0, in microseconds. */
  originUs: number;
};

export type ToCanvas =
  | { type: 'place'; places: readonly TilePlace[]; fromUs: number }
  | { type: 'shift'; id: string; byUs: number }
  | { type: 'begin'; atUs: number }
  | { type: 'frame'; id: string; frame: TileFrame };

export type FromCanvas =
  | { type: 'config'; config: Uint8Array }
  | { type: 'frame'; timeUs: number; keyFrame: boolean; data: Uint8Array }
  | { type: 'needs-key-frame'; id: string }
  | { type: 'failure'; failures: number }
  | { type: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; details: object; message: string };

/** Milliseconds of a clock that is the same in all threads. */
export function threadsNowMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}
