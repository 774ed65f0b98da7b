import type { Rect } from './layout.ts';

const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';

/** What stands for somebody without a picture has this colour, as ffmpeg names it. */
export const CARD_COLOR = '0x2b2f38';

/**
 * The filter of ffmpeg that writes a name on a tile: at the lower edge of a picture, or in the middle where there is none.
 * The name comes from a file, so that nothing in it is read as part of the filter.
 */
export function nameFilter({ height }: Pick<Rect, 'height'>, hasPicture: boolean, textFile: string): string {
  const place = hasPicture ? `x=10:y=h-th-10` : `x=(w-tw)/2:y=(h-th)/2`;
  const letters = Math.max(12, Math.round(height / (hasPicture ? 18 : 9)));
  return (
    `drawtext=fontfile=${FONT}:textfile=${textFile}:expansion=none:fontsize=${letters}:fontcolor=white:` +
    `${place}:box=1:boxcolor=black@0.5:boxborderw=6`
  );
}
