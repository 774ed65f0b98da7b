import type { Rect } from '../../compose/layout.ts';

/** Y, U and V of the ground behind the tiles: the dark grey of the app (limited range). */
const GROUND = [35, 129, 127] as const;

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
