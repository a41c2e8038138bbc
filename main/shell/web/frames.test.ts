// What goes into a frame comes out of it, and nothing else does.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, encode } from '../../../app/contract/frames.ts';
import { sentIn } from './frames.ts';

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null), fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

it('brings back every message, bytes included', () => {
  fc.assert(fc.property(value, (told) => {
    const frame = encode({ told });
    expect(typeof frame === 'string' ? JSON.parse(frame) : decode(frame)).toEqual({ told });
  }));
});

it('takes text where there are no bytes', () => {
  expect(encode({ id: 1 })).toBe('{"id":1}');
});

it('never throws on garbage', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isBinary) => {
    expect(sentIn(Buffer.from(bytes), isBinary)).toBeUndefined();
  }));
});

const framed = (header: unknown, bytes: readonly number[] = []): Buffer => {
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, Buffer.from(bytes)]);
};

it.each([
  ['more bytes than were sent', framed({ message: { a: null }, bytes: [{ at: ['a'], length: 2 }] }, [1])],
  ['bytes left over', framed({ message: { a: null }, bytes: [{ at: ['a'], length: 1 }] }, [1, 2])],
  ['a place that does not exist', framed({ message: {}, bytes: [{ at: ['a'], length: 1 }] }, [1])],
  ['a place that holds something', framed({ message: { a: 1 }, bytes: [{ at: ['a'], length: 1 }] }, [1])],
  ['a place on the prototype', framed({ message: {}, bytes: [{ at: ['__proto__', 'a'], length: 1 }] }, [1])],
  ['the same place twice', framed({ message: { a: null }, bytes: [{ at: ['a'], length: 1 }, { at: ['a'], length: 1 }] }, [1, 2])],
])('takes no frame with %s', (_what, frame) => {
  expect(decode(frame)).toBeUndefined();
});
