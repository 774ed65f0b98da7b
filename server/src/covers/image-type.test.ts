import { expect, test } from 'vitest';
import { imageType } from './image-type.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['image/png', bytes('\x89PNG\r\n\x1a\n....')],
  ['image/jpeg', bytes('\xff\xd8\xff\xe0..')],
  ['image/webp', bytes('RIFF\x10\0\0\0WEBPVP8 ')],
  [undefined, bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  [undefined, bytes('GIF89a')],
  [undefined, bytes('RIFF\x10\0\0\0WAVEfmt ')],
  [undefined, bytes('\x89PNG')],
  [undefined, bytes('')],
])('knows %s by its bytes', (type, picture) => {
  expect(imageType(picture)).toBe(type);
});
