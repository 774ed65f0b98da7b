import type { Rect } from '../../compose/layout.ts';
import type { NamePicture } from './name-picture.ts';

/** Y, U and V of the ground behind the tiles: the dark grey of the app (limited range). */
const GROUND = [35, 129, 127] as const;
/** The same of what stands for somebody without a picture. */
const CARD = [56, 132, 126] as const;
/** Neither blue nor red. */
const GREY = 128;

/** A picture in planar YUV 4:2:0, of even width and height. */
export class RawPicture {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;

  constructor(width: number, height: number, bytes?: Buffer) {
    this.width = width;
    this.height = height;
    this.bytes = bytes ?? Buffer.alloc(RawPicture.sizeOf(width, height));
  }

  static sizeOf(width: number, height: number): number {
    return (width * height * 3) / 2;
  }

  /** The ground all over. */
  clear(): void {
    for (const [index, { start, width, height }] of this.planes().entries()) {
      this.bytes.fill(GROUND[index] ?? 0, start, start + width * height);
    }
  }

  /** Puts another picture into a part of this one, which lies within it on even coordinates. */
  draw(picture: RawPicture, rect: Rect): void {
    const from = picture.planes();
    for (const [index, plane] of this.planes().entries()) {
      const source = from[index];
      if (!source) continue;
      const scale = index === 0 ? 1 : 2;
      const [x, y] = [rect.x / scale, rect.y / scale];
      const [width, height] = [rect.width / scale, rect.height / scale];
      const isSame = source.width === width && source.height === height;
      for (let row = 0; row < height; row++) {
        const to = plane.start + (y + row) * plane.width + x;
        if (isSame) {
          const start = source.start + row * width;
          picture.bytes.copy(this.bytes, to, start, start + width);
        } else this.#scaleRow(picture, source, { row, to, width, height });
      }
    }
  }

  /** Fills a part of it, on even coordinates, as the ground for the name of somebody without a picture. */
  fillCard(rect: Rect): void {
    for (const [index, plane] of this.planes().entries()) {
      const scale = index === 0 ? 1 : 2;
      for (let row = 0; row < rect.height / scale; row++) {
        const start = plane.start + (rect.y / scale + row) * plane.width + rect.x / scale;
        this.bytes.fill(CARD[index] ?? 0, start, start + rect.width / scale);
      }
    }
  }

  /** Writes a name on the tile at this place. */
  write({ rect, added, kept }: NamePicture, tile: Pick<Rect, 'x' | 'y'>): void {
    const { bytes } = this;
    for (const [index, plane] of this.planes().entries()) {
      const scale = index === 0 ? 1 : 2;
      const [width, height] = [rect.width / scale, rect.height / scale];
      for (let row = 0; row < height; row++) {
        let to = plane.start + ((tile.y + rect.y) / scale + row) * plane.width + (tile.x + rect.x) / scale;
        let from = row * scale * rect.width;
        for (let column = 0; column < width; column++, to++, from += scale) {
          const share = (kept[from] ?? 0) / 255;
          const value = bytes[to] ?? 0;
          bytes[to] = index === 0 ? (added[from] ?? 0) + value * share : GREY + (value - GREY) * share;
        }
      }
    }
  }

  planes(): { start: number; width: number; height: number }[] {
    const { width, height } = this;
    const [halfWidth, halfHeight] = [width / 2, height / 2];
    const luma = width * height;
    return [
      { start: 0, width, height },
      { start: luma, width: halfWidth, height: halfHeight },
      { start: luma + halfWidth * halfHeight, width: halfWidth, height: halfHeight },
    ];
  }

  /** The nearest pixels: for the moment until what is decoded has the new size. */
  #scaleRow(
    picture: RawPicture,
    source: { start: number; width: number; height: number },
    { row, to, width, height }: { row: number; to: number; width: number; height: number },
  ): void {
    const start = source.start + Math.floor((row * source.height) / height) * source.width;
    for (let column = 0; column < width; column++) {
      this.bytes[to + column] = picture.bytes[start + Math.floor((column * source.width) / width)] ?? 0;
    }
  }
}
