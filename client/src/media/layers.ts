import type { Source } from '@amphi/protocol';
import type { View } from '../types.ts';

/** What a consumer is told: not to send, or up to which layer and how important it is (1 to 255). */
export type Want = { paused: boolean; spatialLayer: number; priority: number };

/** A remote video as far as the choice of its layer depends on it. */
export type Layered = {
  source: Source;
  width: number | undefined;
  height: number | undefined;
  spatialLayers: number;
};

/** What a video counts as before anybody said how it is looked at. */
export const UNKNOWN_VIEW: View = { visible: true, width: 320, height: 180 };

/** A picture that is enlarged by no more than this still looks sharp: 1 / 0.8. */
const SHARP = 0.8;
const THUMBNAIL_HEIGHT = 240;

const FALLBACK_SIZE = { camera: [1280, 720], screen: [1920, 1080] } as const;

/**
 * Turns the way a video is looked at into what to ask of the SFU: the lowest layer that still looks sharp in its tile,
 * nothing for a tile that is not seen (or, with `warm`, the lowest layer, so that the person can appear at once).
 */
export function wantFor(track: Layered, view: View, warm: boolean): Want {
  const top = Math.max(0, track.spatialLayers - 1);
  if (!view.visible || view.width <= 0 || view.height <= 0) {
    return { paused: !warm, spatialLayer: 0, priority: 10 };
  }
  const [fallbackWidth, fallbackHeight] = FALLBACK_SIZE[track.source === 'screen' ? 'screen' : 'camera'];
  const width = track.width ?? fallbackWidth;
  const height = track.height ?? fallbackHeight;
  const shown = Math.min(view.height, (view.width * height) / width);
  // The lower layer of a screen is for thumbnails and for want of bandwidth: text in it is hard to read.
  let spatialLayer = track.source === 'screen' && shown >= THUMBNAIL_HEIGHT ? top : 0;
  while (spatialLayer < top && height / 2 ** (top - spatialLayer) < SHARP * shown) spatialLayer += 1;
  return { paused: false, spatialLayer, priority: priorityOf(track.source, view) };
}

function priorityOf(source: Source, view: View): number {
  if (source === 'screen') return 200;
  if (view.pinned === true) return 150;
  return view.height < THUMBNAIL_HEIGHT ? 50 : 100;
}

/** Whether `next` asks for more than `last`: that is sent at once, less can wait for others to go with it. */
export function grows(last: Want | undefined, next: Want): boolean {
  if (next.paused) return false;
  return last === undefined || last.paused || next.spatialLayer > last.spatialLayer;
}

/** Whether two wants are the same. */
export function sameWant(a: Want | undefined, b: Want): boolean {
  return (
    a !== undefined &&
    a.paused === b.paused &&
    (b.paused || (a.spatialLayer === b.spatialLayer && a.priority === b.priority))
  );
}

/** Keeps who spoke last, the latest first, at most `limit`. */
export function rememberSpeaker(last: readonly string[], memberId: string, limit: number): string[] {
  return [memberId, ...last.filter((id) => id !== memberId)].slice(0, limit);
}
