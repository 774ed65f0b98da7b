import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Rect } from '../../compose/layout.ts';
import { nameFilter } from '../../compose/name-style.ts';

const run = promisify(execFile);
/** Black and white in limited range. */
const [BLACK, WHITE] = [16, 235] as const;

/** A name as it is drawn on a tile, without colour: what it adds to a pixel, and what it leaves of the one that was there. */
export type NamePicture = {
  /** Where it is on the tile, on even coordinates, and how large. */
  rect: Rect;
  /** Of brightness, for each pixel. */
  added: Uint8Array;
  /** From 0, nothing, to 255, all of it. */
  kept: Uint8Array;
};

export type NameOptions = { name: string; width: number; height: number; hasPicture: boolean };

/**
 * Has ffmpeg write a name on a tile of this size, as in a film that is made afterwards. It is written on black and on white:
 * the difference says how much shows through. Answers undefined where nothing of it is to be seen. Rejects as ffmpeg says.
 */
export async function drawName(ffmpeg: string, options: NameOptions): Promise<NamePicture | undefined> {
  const { name, width, height, hasPicture } = options;
  const folder = await mkdtemp(join(tmpdir(), 'amphi-name-'));
  try {
    const file = join(folder, 'name.txt');
    await writeFile(file, name);
    const written = nameFilter({ height }, hasPicture, file);
    const ground = (color: string) => `color=c=${color}:s=${width}x${height}:r=1,format=yuv420p,${written}`;
    const filter = `${ground('black')}[black];${ground('white')}[white];[black][white]vstack`;
    const output = ['-frames:v', '1', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
    const { stdout } = await run(ffmpeg, ['-v', 'error', '-nostdin', '-filter_complex', filter, ...output], {
      encoding: 'buffer',
      maxBuffer: width * height * 4,
    });
    const luma = width * height;
    return cut(stdout.subarray(0, luma), stdout.subarray(luma, 2 * luma), width);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The part of it where something was written. */
function cut(onBlack: Buffer, onWhite: Buffer, width: number): NamePicture | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (let at = 0; at < onBlack.length; at++) {
    if (onBlack[at] === BLACK && onWhite[at] === WHITE) continue;
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return undefined;
  const even = (value: number) => value - (value % 2);
  const rect = { x: even(left), y: even(top), width: 0, height: 0 };
  // Tiles are of even size, so what is made even by one pixel more is on the tile.
  Object.assign(rect, { width: even(right - rect.x + 2), height: even(bottom - rect.y + 2) });
  const added = new Uint8Array(rect.width * rect.height);
  const kept = new Uint8Array(rect.width * rect.height);
  for (let at = 0; at < added.length; at++) {
    const from = (rect.y + Math.floor(at / rect.width)) * width + rect.x + (at % rect.width);
    const [black = BLACK, white = WHITE] = [onBlack[from], onWhite[from]];
    const share = Math.min(1, Math.max(0, (white - black) / (WHITE - BLACK)));
    kept[at] = Math.round(share * 255);
    added[at] = Math.max(0, Math.round(black - share * BLACK));
  }
  return { rect, added, kept };
}
