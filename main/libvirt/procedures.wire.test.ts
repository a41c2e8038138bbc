// Every payload of the procedure table over generated values and hostile bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, encode, Reader, type Shape, Writer, XdrError } from '../xdr/xdr.ts';
import type { AnyCall, AnyEvent } from './procedure.ts';
import { lxc, qemu, remote } from './procedures.ts';

const limit = 33_554_408;

interface Payload {
  readonly name: string;
  readonly codec: Codec<unknown>;
}

const payloads: readonly Payload[] = [remote, qemu, lxc].flatMap((table) =>
  Object.values<AnyCall | AnyEvent>(table).flatMap((line): Payload[] => {
    const name = `${line.program}.${line.name}`;
    return line.kind === 'event'
      ? [{ name: `${name} message`, codec: line.message }]
      : [
          { name: `${name} arguments`, codec: line.args },
          { name: `${name} result`, codec: line.ret },
        ];
  }),
);

const few = 3;

/** Values that a shape allows; lists are kept short. */
const valueOf = (shape: Shape): fc.Arbitrary<unknown> => {
  switch (shape.kind) {
    case 'void':
      return fc.constant(undefined);
    case 'int':
      return fc.integer();
    case 'uint':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'hyper':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'uhyper':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'double':
      return fc.double();
    case 'char':
      return fc.integer({ min: 0, max: 255 });
    case 'uuid':
      return fc.uuid();
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 12 });
    case 'bytes':
    case 'chars':
      return fc.uint8Array({ maxLength: 9 });
    case 'opaque':
      return fc.uint8Array({ minLength: shape.length, maxLength: shape.length });
    case 'array':
      return fc.array(valueOf(shape.of), { maxLength: Math.min(few, shape.max) });
    case 'fixed':
      return fc.array(valueOf(shape.of), { minLength: shape.length, maxLength: shape.length });
    case 'optional':
      return fc.option(valueOf(shape.of));
    case 'struct':
      return fc.record(Object.fromEntries(Object.entries(shape.fields).map(([name, of]) => [name, valueOf(of)])), { noNullPrototype: true });
    case 'union':
      return fc.oneof(
        ...Object.entries(shape.arms).map(([type, of]) => valueOf(of).map((value) => ({ type: Number(type), value }))),
      );
  }
};

/** What decoding ends with: the value, or the refusal. Anything else than an {@link XdrError} escapes and fails the test. */
const decoded = (codec: Codec<unknown>, bytes: Buffer): { readonly value: unknown; readonly rest: number } | XdrError => {
  const from = new Reader(bytes);
  try {
    return { value: codec.read(from), rest: from.remaining };
  } catch (error) {
    if (error instanceof XdrError) return error;
    throw error;
  }
};

interface Overflow {
  readonly path: readonly string[];
  readonly most: number;
  /** The bytes up to the count, made of the smallest values that lead there. */
  readonly before: Buffer;
}

const word = (value: number): Buffer => {
  const to = new Writer(4, 4);
  to.uint(value);
  return to.bytes();
};

/** The smallest bytes of a shape: zeros, empty lists, nothing optional, the first arm. */
const smallest = (shape: Shape): Buffer => {
  switch (shape.kind) {
    case 'struct':
      return Buffer.concat(Object.values(shape.fields).map(smallest));
    case 'fixed':
      return Buffer.concat(Array.from({ length: shape.length }, () => smallest(shape.of)));
    case 'union': {
      const [first] = Object.entries(shape.arms);
      if (first === undefined) throw new Error('a union without arms');
      return Buffer.concat([word(Number(first[0])), smallest(first[1])]);
    }
    case 'hyper':
    case 'uhyper':
    case 'double':
      return Buffer.alloc(8);
    case 'uuid':
      return Buffer.alloc(16);
    case 'opaque':
      return Buffer.alloc(shape.length);
    case 'void':
      return Buffer.alloc(0);
    default:
      return word(0);
  }
};

/** Every place of a shape where a count stands, with the bytes that lead there. */
const counts = (shape: Shape, path: readonly string[] = [], before: Buffer = Buffer.alloc(0)): Overflow[] => {
  const then = (value: number): Buffer => Buffer.concat([before, word(value)]);
  switch (shape.kind) {
    case 'string':
    case 'bytes':
    case 'chars':
      return [{ path, most: shape.max, before }];
    case 'array':
      return [{ path, most: shape.max, before }, ...counts(shape.of, [...path, '0'], then(1))];
    case 'fixed':
      return counts(shape.of, [...path, '0'], before);
    case 'optional':
      return counts(shape.of, path, then(1));
    case 'union':
      return Object.entries(shape.arms).flatMap(([type, of]) => counts(of, path, then(Number(type))));
    case 'struct': {
      const found: Overflow[] = [];
      let at = before;
      for (const [name, of] of Object.entries(shape.fields)) {
        found.push(...counts(of, [...path, name], at));
        at = Buffer.concat([at, smallest(of)]);
      }
      return found;
    }
    default:
      return [];
  }
};

describe('every payload of the table', { timeout: 60_000 }, () => {
  it('comes back from its bytes as it went in, and gives the same bytes again', () => {
    for (const { name, codec } of payloads) {
      fc.assert(
        fc.property(valueOf(codec.shape), (value) => {
          const bytes = encode(codec, value, limit);
          expect(decoded(codec, bytes), name).toEqual({ value, rest: 0 });
          const again = decoded(codec, bytes);
          if (again instanceof XdrError) throw again;
          expect(encode(codec, again.value, limit).equals(bytes), name).toBe(true);
          expect(bytes.length, name).toBeGreaterThanOrEqual(codec.least);
        }),
        { numRuns: 5 },
      );
    }
  });

  it('refuses to be cut short at any byte', () => {
    for (const { name, codec } of payloads) {
      fc.assert(
        fc.property(valueOf(codec.shape), (value) => {
          const bytes = encode(codec, value, limit);
          for (let size = 0; size < bytes.length; size++) {
            if (!(decoded(codec, bytes.subarray(0, size)) instanceof XdrError)) expect.fail(`${name} accepts ${size} of ${bytes.length} bytes`);
          }
        }),
        { numRuns: 2 },
      );
    }
  });

  it('takes random bytes as a value or refuses them, and nothing else happens', () => {
    // Words that are mostly small lead deeper than uniform ones, where nearly every count is out of bounds.
    const hostile = fc
      .array(fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 8 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) }), { maxLength: 60 })
      .map((values) => Buffer.concat(values.map(word)));
    for (const { codec } of payloads) {
      fc.assert(
        fc.property(hostile, (bytes) => {
          const outcome = decoded(codec, bytes);
          expect(outcome instanceof XdrError || outcome.rest >= 0).toBe(true);
        }),
        { numRuns: 10 },
      );
    }
  });

  it('refuses a count past its bound by the field’s name, before reading what follows', () => {
    let places = 0;
    for (const { name, codec } of payloads) {
      for (const { path, most, before } of counts(codec.shape)) {
        const outcome = decoded(codec, Buffer.concat([before, word(most + 1), Buffer.alloc(256)]));
        if (!(outcome instanceof XdrError)) expect.fail(`${name} accepts ${most + 1} at ${path.join('.')}`);
        expect(outcome.path, name).toEqual(path);
        expect(outcome.reason, name).toContain(`at most ${most}`);
        places++;
      }
    }
    expect(places).toBeGreaterThan(1000);
  });

  it('refuses the largest allowed count when the bytes are not there, so that nothing is allocated for it', () => {
    for (const { name, codec } of payloads) {
      for (const { path, most, before } of counts(codec.shape)) {
        const outcome = decoded(codec, Buffer.concat([before, word(most)]));
        if (!(outcome instanceof XdrError)) expect.fail(`${name} accepts ${most} at ${path.join('.')} without the bytes`);
      }
    }
  });
});
