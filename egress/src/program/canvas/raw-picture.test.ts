import { expect, test } from 'vitest';
import { RawPicture } from './raw-picture.ts';

/** Of one value in each plane. */
function plain(width: number, height: number, values: [number, number, number]): RawPicture {
  const picture = new RawPicture(width, height);
  for (const [index, { start, width: w, height: h }] of picture.planes().entries()) {
    picture.bytes.fill(values[index] ?? 0, start, start + w * h);
  }
  return picture;
}

function rows(picture: RawPicture, plane: number): number[][] {
  const { start, width, height } = picture.planes()[plane] ?? { start: 0, width: 0, height: 0 };
  return Array.from({ length: height }, (_, row) => [
    ...picture.bytes.subarray(start + row * width, start + (row + 1) * width),
  ]);
}

test('writes a name on a tile: what is written, and of the rest what shows through', () => {
  const canvas = plain(6, 4, [101, 28, 228]);
  const name = {
    rect: { x: 0, y: 0, width: 4, height: 2 },
    added: Uint8Array.from([0, 235, 9, 0, 0, 0, 0, 0]),
    kept: Uint8Array.from([255, 0, 128, 0, 255, 255, 255, 255]),
  };
  canvas.write(name, { x: 2, y: 2 });
  expect(rows(canvas, 0)).toEqual([
    [101, 101, 101, 101, 101, 101],
    [101, 101, 101, 101, 101, 101],
    [101, 101, 101, 235, 59, 0],
    [101, 101, 101, 101, 101, 101],
  ]);
  expect(rows(canvas, 1)).toEqual([
    [28, 28, 28],
    [28, 28, 77],
  ]);
  expect(rows(canvas, 2)[1]).toEqual([228, 228, 178]);
});

test.each([
  ['of the same size', 2, 2],
  ['of another size', 4, 6],
])('puts a picture %s into its place, all planes of it', (_, width, height) => {
  const canvas = plain(6, 4, [1, 2, 3]);
  canvas.draw(plain(width, height, [7, 8, 9]), { x: 2, y: 2, width: 2, height: 2 });
  expect(rows(canvas, 0)).toEqual([
    [1, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1, 1],
    [1, 1, 7, 7, 1, 1],
    [1, 1, 7, 7, 1, 1],
  ]);
  expect(rows(canvas, 1)).toEqual([
    [2, 2, 2],
    [2, 8, 2],
  ]);
  expect(rows(canvas, 2)).toEqual([
    [3, 3, 3],
    [3, 9, 3],
  ]);
});

test('scales by the nearest pixels', () => {
  const source = new RawPicture(2, 2);
  source.bytes.set([10, 20, 30, 40, 5, 6]);
  const canvas = plain(4, 4, [0, 0, 0]);
  canvas.draw(source, { x: 0, y: 0, width: 4, height: 4 });
  expect(rows(canvas, 0)).toEqual([
    [10, 10, 20, 20],
    [10, 10, 20, 20],
    [30, 30, 40, 40],
    [30, 30, 40, 40],
  ]);
});
