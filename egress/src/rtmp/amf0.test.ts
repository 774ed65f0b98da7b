import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AmfValue, decodeAmf, encodeAmf } from './amf0.ts';

const { tree } = fc.letrec<{ tree: AmfValue }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('tree'), { maxKeys: 4, noNullPrototype: false }),
  ),
}));

test('what was written is read', () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), (values) => {
      expect(decodeAmf(encodeAmf(...values))).toEqual(values);
    }),
  );
});

test('a long text is read as well, and an array with keys', () => {
  const text = 'x'.repeat(70_000);
  expect(decodeAmf(encodeAmf(text))).toEqual([text]);
  const ecma = Buffer.from('08 00000001 0001 61 00 3ff0000000000000 0000 09'.replaceAll(' ', ''), 'hex');
  expect(decodeAmf(ecma)).toEqual([{ a: 1 }]);
});

test('garbage is refused, and never more than that', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeAmf(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
  expect(() => decodeAmf(Buffer.from('0affffffff', 'hex'))).toThrow(RangeError);
  expect(() => decodeAmf(Buffer.from('0a00000001'.repeat(20), 'hex'))).toThrow('too much');
});

test('a key may be any word, and means nothing else', () => {
  const [value] = decodeAmf(encodeAmf({ __proto__x: 1, constructor: 2 }));
  expect(Object.getPrototypeOf(value)).toBeNull();
});
