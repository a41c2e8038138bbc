// XDR against bytes written by hand from RFC 4506, and the refusals.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  array,
  bytes,
  char,
  chars,
  type Codec,
  double,
  encode,
  fixed,
  hyper,
  int,
  none,
  opaque,
  optional,
  Reader,
  struct,
  text,
  uhyper,
  uint,
  union,
  uuid,
  Writer,
  XdrError,
} from './xdr.ts';

const hex = <T>(codec: Codec<T>, value: T): string => encode(codec, value, 1000).toString('hex');
const read = <T>(codec: Codec<T>, digits: string): T => codec.read(new Reader(Buffer.from(digits, 'hex')));
/** The refusal, so that its reason and path can be compared at once. */
const refusal = (act: () => unknown): { readonly reason: string; readonly path: readonly string[] } => {
  try {
    act();
  } catch (error) {
    if (error instanceof XdrError) return { reason: error.reason, path: error.path };
    throw error;
  }
  return expect.fail('nothing was refused');
};

const golden: readonly (readonly [string, string, () => string, () => unknown, unknown])[] = [
  ['nothing', '', () => hex(none, undefined), () => read(none, ''), undefined],
  ['an int', 'fffffffe', () => hex(int, -2), () => read(int, 'fffffffe'), -2],
  ['a uint with bit 31', '80000001', () => hex(uint, 0x8000_0001), () => read(uint, '80000001'), 0x8000_0001],
  ['a hyper', 'ffffffffffffffff', () => hex(hyper, -1n), () => read(hyper, 'ffffffffffffffff'), -1n],
  ['a uhyper', 'ffffffffffffffff', () => hex(uhyper, 2n ** 64n - 1n), () => read(uhyper, 'ffffffffffffffff'), 2n ** 64n - 1n],
  ['a double', '3ff8000000000000', () => hex(double, 1.5), () => read(double, '3ff8000000000000'), 1.5],
  ['a char', '000000e4', () => hex(char, 0xe4), () => read(char, '000000e4'), 0xe4],
  ['text', '0000000361626300', () => hex(text(3), 'abc'), () => read(text(3), '0000000361626300'), 'abc'],
  ['text in UTF-8', '00000005e282acc3a4000000', () => hex(text(5), '€ä'), () => read(text(5), '00000005e282acc3a4000000'), '€ä'],
  ['empty text', '00000000', () => hex(text(3), ''), () => read(text(3), '00000000'), ''],
  ['counted bytes', '0000000201ff0000', () => hex(bytes(2), Uint8Array.of(1, 255)), () => read(bytes(2), '0000000201ff0000'), Uint8Array.of(1, 255)],
  ['fixed bytes', '01020300', () => hex(opaque(3), Uint8Array.of(1, 2, 3)), () => read(opaque(3), '01020300'), Uint8Array.of(1, 2, 3)],
  [
    'counted chars, a word each',
    '0000000200000001000000ff',
    () => hex(chars(2), Uint8Array.of(1, 255)),
    () => read(chars(2), '0000000200000001000000ff'),
    Uint8Array.of(1, 255),
  ],
  ['a counted list', '000000020000000100000002', () => hex(array(int, 2), [1, 2]), () => read(array(int, 2), '000000020000000100000002'), [1, 2]],
  ['a list of fixed length', '0000000100000002', () => hex(fixed(int, 2), [1, 2]), () => read(fixed(int, 2), '0000000100000002'), [1, 2]],
  ['something absent', '00000000', () => hex(optional(int), null), () => read(optional(int), '00000000'), null],
  ['something present', '0000000100000000', () => hex(optional(int), 0), () => read(optional(int), '0000000100000000'), 0],
  ['a struct', '0000000100000002', () => hex(struct({ b: int, a: int }), { a: 2, b: 1 }), () => read(struct({ b: int, a: int }), '0000000100000002'), { b: 1, a: 2 }],
  [
    'a union',
    '0000000400000000000000ff',
    () => hex(union({ 1: int, 4: uhyper }), { type: 4, value: 255n }),
    () => read(union({ 1: int, 4: uhyper }), '0000000400000000000000ff'),
    { type: 4, value: 255n },
  ],
  [
    'a UUID',
    '4dea22b31d52d8f32516782e98ab3fa0',
    () => hex(uuid, '4DEA22B3-1d52-d8f3-2516-782e98ab3fa0'),
    () => read(uuid, '4dea22b31d52d8f32516782e98ab3fa0'),
    '4dea22b3-1d52-d8f3-2516-782e98ab3fa0',
  ],
];

describe('on the wire', () => {
  it.each(golden)('%s is %s', (_, digits, written, back, value) => {
    expect(written()).toBe(digits);
    expect(back()).toEqual(value);
  });

  it('a char above 127 is the same whether its sender extends the sign or not', () => {
    expect(read(char, 'ffffffe4')).toBe(0xe4);
    expect(read(chars(2), '00000002ffffff8000000080')).toEqual(Uint8Array.of(0x80, 0x80));
  });

  it('bytes that were read do not change with the buffer they came from', () => {
    const buffer = Buffer.from('0000000401020304', 'hex');
    const value = bytes(4).read(new Reader(buffer));
    buffer.fill(0);
    expect(value).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(value.constructor).toBe(Uint8Array);
  });

  it('a reader between two positions sees nothing outside them', () => {
    const from = new Reader(Buffer.from('000000010000000200000003', 'hex'), 4, 8);
    expect(from.remaining).toBe(4);
    expect(int.read(from)).toBe(2);
    expect(refusal(() => int.read(from)).reason).toBe('needs 4 bytes where 0 are left');
  });
});

describe('a value is refused', () => {
  it.each([
    ['int', () => hex(int, 2 ** 31), '2147483648 is not a whole number from -2147483648 to 2147483647'],
    ['int', () => hex(int, 1.5), '1.5 is not a whole number from -2147483648 to 2147483647'],
    ['uint', () => hex(uint, -1), '-1 is not a whole number from 0 to 4294967295'],
    ['uint', () => hex(uint, Number.NaN), 'NaN is not a whole number from 0 to 4294967295'],
    ['hyper', () => hex(hyper, 2n ** 63n), '9223372036854775808 is not from -9223372036854775808 to 9223372036854775807'],
    ['uhyper', () => hex(uhyper, -1n), '-1 is not from 0 to 18446744073709551615'],
    ['char', () => hex(char, 256), '256 is not a whole number from 0 to 255'],
    ['text by its bytes', () => hex(text(3), 'ää'), '4 bytes of text where at most 3 are allowed'],
    ['bytes', () => hex(bytes(1), new Uint8Array(2)), '2 bytes where at most 1 are allowed'],
    ['chars', () => hex(chars(1), new Uint8Array(2)), '2 chars where at most 1 are allowed'],
    ['opaque', () => hex(opaque(4), new Uint8Array(3)), '3 bytes where 4 are expected'],
    ['array', () => hex(array(int, 1), [1, 2]), '2 elements where at most 1 are allowed'],
    ['fixed', () => hex(fixed(int, 2), [1]), '1 elements where 2 are expected'],
    ['uuid', () => hex(uuid, '4dea22b31d52d8f32516782e98ab3fa0'), '"4dea22b31d52d8f32516782e98ab3fa0" is not a UUID'],
    ['a message past the limit', () => encode(bytes(100), new Uint8Array(97), 100), 'message of 104 bytes passes the limit of 100'],
  ])('as %s', (_, act, reason) => {
    expect(refusal(act).reason).toBe(reason);
  });

  it('by the path to it, outermost first', () => {
    const codec = struct({ list: array(struct({ name: text(2) }), 3) });
    const value = { list: [{ name: 'a' }, { name: 'long' }] };
    expect(refusal(() => hex(codec, value))).toEqual({ path: ['list', '1', 'name'], reason: '4 bytes of text where at most 2 are allowed' });
    expect(() => hex(codec, value)).toThrow('list.1.name: 4 bytes of text where at most 2 are allowed');
  });
});

describe('bytes are refused', () => {
  it.each([
    ['that end in a word', () => read(int, '000000'), 'needs 4 bytes where 3 are left'],
    ['that end in the padding', () => read(text(3), '00000003616263'), 'needs 4 bytes where 3 are left'],
    ['with a presence that is neither 0 nor 1', () => read(optional(int), '0000000200000000'), '2 where 0 (absent) or 1 (present) is expected'],
    ['with an arm that does not exist', () => read(union({ 1: int }), '0000000200000000'), '2 is not one of the union’s arms'],
    ['with a count past its bound', () => read(array(int, 2), '00000003'), '3 elements where at most 2 are allowed'],
    ['with a count that they cannot hold', () => read(array(uhyper, 0xffff_ffff), 'fffffffe00000000'), '4294967294 elements cannot fit in 4 bytes'],
    ['with text that they cannot hold', () => read(text(0xffff_ffff), 'fffffffc00'), 'needs 4294967292 bytes where 1 are left'],
    ['with chars that they cannot hold', () => read(chars(0xffff_ffff), 'fffffffe00000000'), '4294967294 elements cannot fit in 4 bytes'],
  ])('%s', (_, act, reason) => {
    expect(refusal(act).reason).toBe(reason);
  });

  it('by the path to where they fail', () => {
    const codec = struct({ found: optional(struct({ ids: array(int, 4) })) });
    expect(refusal(() => read(codec, '000000010000000500'))).toEqual({ path: ['found', 'ids'], reason: '5 elements where at most 4 are allowed' });
  });

  it('by nothing but an XdrError, whatever they are', () => {
    const codec = struct({ name: text(100), maybe: optional(uuid), list: array(union({ 1: int, 7: text(9) }), 50), raw: chars(9) });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        try {
          codec.read(new Reader(Buffer.from(noise)));
        } catch (error) {
          expect(error).toBeInstanceOf(XdrError);
        }
      }),
    );
  });
});

describe('a writer', () => {
  it('grows to its limit and not past it', () => {
    const to = new Writer(1000, 1);
    for (let index = 0; index < 250; index++) to.uint(index);
    expect(to.length).toBe(1000);
    expect(to.bytes().readUInt32BE(996)).toBe(249);
    expect(refusal(() => to.uint(0)).reason).toBe('message of 1004 bytes passes the limit of 1000');
  });

  it('pads with zeros, whatever its memory held before', () => {
    vi.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => Buffer.alloc(size, 0xff));
    const inBytes = [1, 2, 3, 4].map((size) => hex(bytes(4), new Uint8Array(size).fill(0xee)));
    const inText = [1, 2, 3, 4].map((size) => hex(text(4), 'n'.repeat(size)));
    expect(inBytes).toEqual(['00000001ee000000', '00000002eeee0000', '00000003eeeeee00', '00000004eeeeeeee']);
    expect(inText).toEqual(['000000016e000000', '000000026e6e0000', '000000036e6e6e00', '000000046e6e6e6e']);
  });

  it('takes back a word that is known only at the end, and bytes without padding', () => {
    const to = new Writer(100);
    const at = to.take(4);
    to.raw(Uint8Array.of(1, 2, 3));
    to.patch(at, to.length);
    expect(to.bytes().toString('hex')).toBe('00000007010203');
  });
});

describe('texts of one message', () => {
  it('are each what was written, however often they come and however alike they are', () => {
    const codec = array(text(40), 2000);
    const many = Array.from({ length: 1500 }, (_, place) => `block.${place % 500}.${['rd', 'wr', 'é'][place % 3] ?? ''}`);
    const read = (values: readonly string[]): readonly string[] => codec.read(new Reader(encode(codec, values, 100_000)));
    expect(read(many)).toEqual(many);
    fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ß', '\0'), maxLength: 36 }).filter((value) => Buffer.byteLength(value) <= 40), { maxLength: 60 }), (values) => {
      expect(read(values)).toEqual(values);
    }));
  });
});

describe('what a codec says of itself', () => {
  it('is its shape and the smallest number of bytes it can take', () => {
    const codec = struct({ id: uuid, list: array(fixed(char, 2), 9), pick: union({ 1: int, 4: uhyper }) });
    expect(codec.shape).toEqual({
      kind: 'struct',
      fields: {
        id: { kind: 'uuid' },
        list: { kind: 'array', max: 9, of: { kind: 'fixed', length: 2, of: { kind: 'char' } } },
        pick: { kind: 'union', arms: { 1: { kind: 'int' }, 4: { kind: 'uhyper' } } },
      },
    });
    expect(codec.least).toBe(16 + 4 + 8);
  });
});
