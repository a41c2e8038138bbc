// Typed parameters as callers build and read them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, Reader, XdrError } from '../xdr/xdr.ts';
import { param, paramsToRecord, type TypedParam, typedParams } from './objects.ts';

describe('a typed parameter', () => {
  it('goes on the wire as name, type and value', () => {
    expect(encode(typedParams(16), [param.ullong('cpu_shares', 2048n)], 100).toString('hex')).toBe(
      ['00000001', '0000000a', '6370755f736861726573', '0000', '00000004', '0000000000000800'].join(''),
    );
  });

  it('is built with the type that the function is called by', () => {
    const built = [
      param.int('a', -1),
      param.uint('b', 1),
      param.llong('c', -1n),
      param.ullong('d', 1n),
      param.double('e', 0.5),
      param.boolean('f', true),
      param.string('g', 'x'),
    ];
    expect(built.map(({ field, value }) => [field, value.type, value.value])).toEqual([
      ['a', 1, -1],
      ['b', 2, 1],
      ['c', 3, -1n],
      ['d', 4, 1n],
      ['e', 5, 0.5],
      ['f', 6, 1],
      ['g', 7, 'x'],
    ]);
  });

  it('has a name of 1 to 79 bytes, not characters', () => {
    expect(param.int('n'.repeat(79), 0).field).toHaveLength(79);
    expect(() => param.int('n'.repeat(80), 0)).toThrow(XdrError);
    expect(() => param.int('ä'.repeat(40), 0)).toThrow('has 80 bytes where 1 to 79 are allowed');
    expect(() => param.string('', '')).toThrow(XdrError);
  });

  it('is refused when its value does not fit its type, by its place in the list', () => {
    const list = [param.uint('weight', 500), param.uint('weight', -1)];
    expect(() => encode(typedParams(16), list, 1000)).toThrow('1.value: -1 is not a whole number from 0 to 4294967295');
    expect(() => encode(typedParams(1), list, 1000)).toThrow('2 elements where at most 1 are allowed');
  });

  it('with a type that does not exist is refused', () => {
    expect(() => typedParams(16).read(new Reader(Buffer.from('000000010000000161000000000000080000000000000000', 'hex')))).toThrow(
      '0.value: 8 is not one of the union’s arms',
    );
  });
});

describe('received typed parameters', () => {
  it('become a record, booleans as booleans and wide numbers as bigint', () => {
    expect(
      paramsToRecord([
        param.boolean('on', true),
        param.boolean('off', false),
        param.ullong('cpu.time', 7n),
        param.int('state.state', 1),
        param.string('block.0.name', 'vda'),
      ]),
    ).toEqual({ on: true, off: false, 'cpu.time': 7n, 'state.state': 1, 'block.0.name': 'vda' });
  });

  it('count by the last of a name, whatever the name is', () => {
    expect(paramsToRecord([param.int('a', 1), param.int('a', 2)])).toEqual({ a: 2 });
    const hostile = paramsToRecord([param.string('__proto__', 'x'), param.int('constructor', 3)]);
    expect(Object.entries(hostile)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 3],
    ]);
  });

  it('are as they were sent after encoding and decoding', () => {
    const built: fc.Arbitrary<TypedParam> = fc
      .tuple(fc.string({ minLength: 1, maxLength: 19 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
      .map(([field, value]) => param.ullong(field, value));
    fc.assert(
      fc.property(fc.array(built, { maxLength: 16 }), (params) => {
        const codec = typedParams(16);
        expect(paramsToRecord(codec.read(new Reader(encode(codec, params, 10_000))))).toEqual(paramsToRecord(params));
      }),
    );
  });
});
