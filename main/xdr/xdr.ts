// XDR (RFC 4506) as values: a codec writes and reads one type, knows its bounds, and describes itself.
import { padding, type Reader, Writer, XdrError } from './bytes.ts';

export { Reader, Writer, XdrError } from './bytes.ts';

/** What a codec puts on the wire, as data: what the conformance test compares and the debug log prints. */
export type Shape =
  | { readonly kind: 'void' | 'int' | 'uint' | 'hyper' | 'uhyper' | 'double' | 'char' | 'uuid' }
  | { readonly kind: 'string' | 'bytes' | 'chars'; readonly max: number }
  | { readonly kind: 'opaque'; readonly length: number }
  | { readonly kind: 'array'; readonly max: number; readonly of: Shape }
  | { readonly kind: 'fixed'; readonly length: number; readonly of: Shape }
  | { readonly kind: 'optional'; readonly of: Shape }
  | { readonly kind: 'struct'; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly kind: 'union'; readonly arms: Readonly<Record<number, Shape>> };

/** One wire type: bytes ↔ `T`. `least` is the smallest number of bytes a value can take, so that counts can be refused before memory is taken. */
export interface Codec<T> {
  readonly shape: Shape;
  readonly least: number;
  write(to: Writer, value: T): void;
  read(from: Reader): T;
}

/** The TypeScript type a codec stands for. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

const within = (count: number, max: number, unit: string): number => {
  if (count > max) throw new XdrError(`${count} ${unit} where at most ${max} are allowed`);
  return count;
};

const whole = (value: number, least: number, most: number): number => {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new XdrError(`${value} is not a whole number from ${least} to ${most}`);
  }
  return value;
};

const wide = (value: bigint, least: bigint, most: bigint): bigint => {
  if (value < least || value > most) throw new XdrError(`${value} is not from ${least} to ${most}`);
  return value;
};

/** Nothing at all: the payload of calls without arguments or results. */
export const none: Codec<void> = { shape: { kind: 'void' }, least: 0, write: () => undefined, read: () => undefined };

/** 32-bit signed; also enums and booleans that libvirt declares as int. */
export const int: Codec<number> = {
  shape: { kind: 'int' },
  least: 4,
  write: (to, value) => to.int(whole(value, -0x8000_0000, 0x7fff_ffff)),
  read: (from) => from.int(),
};

/** 32-bit unsigned: flags and counters. Combine flags with `>>> 0`, bit 31 is in use. */
export const uint: Codec<number> = {
  shape: { kind: 'uint' },
  least: 4,
  write: (to, value) => to.uint(whole(value, 0, 0xffff_ffff)),
  read: (from) => from.uint(),
};

/** 64-bit signed. */
export const hyper: Codec<bigint> = {
  shape: { kind: 'hyper' },
  least: 8,
  write: (to, value) => to.hyper(wide(value, -(2n ** 63n), 2n ** 63n - 1n)),
  read: (from) => from.hyper(),
};

/** 64-bit unsigned. */
export const uhyper: Codec<bigint> = {
  shape: { kind: 'uhyper' },
  least: 8,
  write: (to, value) => to.uhyper(wide(value, 0n, 2n ** 64n - 1n)),
  read: (from) => from.uhyper(),
};

/** IEEE 754 double, big-endian. */
export const double: Codec<number> = {
  shape: { kind: 'double' },
  least: 8,
  write: (to, value) => to.double(value),
  read: (from) => from.double(),
};

/** One `char`: a whole word on the wire; bytes above 127 may arrive sign-extended, so they are masked. */
export const char: Codec<number> = {
  shape: { kind: 'char' },
  least: 4,
  write: (to, value) => to.int(whole(value, 0, 255)),
  read: (from) => from.int() & 255,
};

/** UTF-8 text of at most `max` bytes. */
export const text = (max: number): Codec<string> => ({
  shape: { kind: 'string', max },
  least: 4,
  write(to, value) {
    const size = within(Buffer.byteLength(value, 'utf8'), max, 'bytes of text');
    to.uint(size);
    to.text(value, size);
  },
  read: (from) => from.text(within(from.uint(), max, 'bytes of text')),
});

/** Counted raw bytes, at most `max`. */
export const bytes = (max: number): Codec<Uint8Array> => ({
  shape: { kind: 'bytes', max },
  least: 4,
  write(to, value) {
    to.uint(within(value.length, max, 'bytes'));
    to.padded(value);
  },
  read: (from) => from.padded(within(from.uint(), max, 'bytes')),
});

/** Exactly `length` raw bytes, no count. */
export const opaque = (length: number): Codec<Uint8Array> => ({
  shape: { kind: 'opaque', length },
  least: length + padding(length),
  write(to, value) {
    if (value.length !== length) throw new XdrError(`${value.length} bytes where ${length} are expected`);
    to.padded(value);
  },
  read: (from) => from.padded(length),
});

const uuidText = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Sixteen raw bytes, in TypeScript the usual text with dashes; lower case when read, either case when written. */
export const uuid: Codec<string> = {
  shape: { kind: 'uuid' },
  least: 16,
  write(to, value) {
    if (!uuidText.test(value)) throw new XdrError(`${JSON.stringify(value)} is not a UUID`);
    to.hex(value.replaceAll('-', ''));
  },
  read(from) {
    const digits = from.hex(16);
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
  },
};

/** Counted `char`s: bytes that each take a word on the wire. */
export const chars = (max: number): Codec<Uint8Array> => ({
  shape: { kind: 'chars', max },
  least: 4,
  write(to, value) {
    to.uint(within(value.length, max, 'chars'));
    for (const byte of value) to.int(byte);
  },
  read(from) {
    const count = fits(within(from.uint(), max, 'chars'), 4, from);
    return Uint8Array.from({ length: count }, () => from.int() & 255);
  },
});

/** A count that the bytes still there could hold; nothing is allocated for one that they could not. */
const fits = (count: number, least: number, from: Reader): number => {
  if (count * least > from.remaining) throw new XdrError(`${count} elements cannot fit in ${from.remaining} bytes`);
  return count;
};

const inside = (field: string, error: unknown): unknown =>
  error instanceof XdrError ? new XdrError(error.reason, [field, ...error.path]) : error;

const readAll = <T>(of: Codec<T>, count: number, from: Reader): T[] => {
  const values: T[] = [];
  try {
    while (values.length < count) values.push(of.read(from));
  } catch (error) {
    throw inside(String(values.length), error);
  }
  return values;
};

const writeAll = <T>(of: Codec<T>, values: readonly T[], to: Writer): void => {
  let index = 0;
  try {
    for (const value of values) {
      of.write(to, value);
      index++;
    }
  } catch (error) {
    throw inside(String(index), error);
  }
};

/** Counted elements, at most `max`. */
export const array = <T>(of: Codec<T>, max: number): Codec<readonly T[]> => ({
  shape: { kind: 'array', max, of: of.shape },
  least: 4,
  write(to, values) {
    to.uint(within(values.length, max, 'elements'));
    writeAll(of, values, to);
  },
  read: (from) => readAll(of, fits(within(from.uint(), max, 'elements'), of.least, from), from),
});

/** Exactly `length` elements, no count. */
export const fixed = <T>(of: Codec<T>, length: number): Codec<readonly T[]> => ({
  shape: { kind: 'fixed', length, of: of.shape },
  least: of.least * length,
  write(to, values) {
    if (values.length !== length) throw new XdrError(`${values.length} elements where ${length} are expected`);
    writeAll(of, values, to);
  },
  read: (from) => readAll(of, length, from),
});

/** An XDR pointer: a presence word, 0 or 1, then the value. */
export const optional = <T>(of: Codec<T>): Codec<T | null> => ({
  shape: { kind: 'optional', of: of.shape },
  least: 4,
  write(to, value) {
    to.uint(value === null ? 0 : 1);
    if (value !== null) of.write(to, value);
  },
  read(from) {
    const present = from.uint();
    if (present > 1) throw new XdrError(`${present} where 0 (absent) or 1 (present) is expected`);
    return present === 0 ? null : of.read(from);
  },
});

/** The fields of a struct by name, in wire order. */
export type Fields = Readonly<Record<string, Codec<unknown>>>;
/** The value of a struct with these fields. */
export type StructOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Fields one after the other; errors name the field. */
export const struct = <F extends Fields>(fields: F): Codec<StructOf<F>> => {
  const entries = Object.entries(fields);
  return {
    shape: { kind: 'struct', fields: Object.fromEntries(entries.map(([name, codec]) => [name, codec.shape])) },
    least: entries.reduce((sum, [, codec]) => sum + codec.least, 0),
    write(to, value) {
      let current = '';
      try {
        for (const [name, codec] of entries) {
          current = name;
          codec.write(to, value[name]);
        }
      } catch (error) {
        throw inside(current, error);
      }
    },
    read(from) {
      const value: Record<string, unknown> = {};
      let current = '';
      try {
        for (const [name, codec] of entries) {
          current = name;
          value[name] = codec.read(from);
        }
      } catch (error) {
        throw inside(current, error);
      }
      return value as StructOf<F>;
    },
  };
};

/** The value of a union: which arm, and what it holds. */
export type UnionOf<A extends Readonly<Record<number, Codec<unknown>>>> = {
  readonly [K in keyof A]: { readonly type: K; readonly value: ValueOf<A[K]> };
}[keyof A];

/** A discriminant and its arm; there is no default arm, an unknown discriminant is an error. */
export const union = <A extends Readonly<Record<number, Codec<unknown>>>>(arms: A): Codec<UnionOf<A>> => {
  const table = new Map(Object.entries(arms).map(([type, codec]) => [Number(type), codec]));
  const arm = (type: number): Codec<unknown> => {
    const codec = table.get(type);
    if (codec === undefined) throw new XdrError(`${type} is not one of the union’s arms`);
    return codec;
  };
  return {
    shape: { kind: 'union', arms: Object.fromEntries([...table].map(([type, codec]) => [type, codec.shape])) },
    least: 4 + Math.min(...[...table.values()].map((codec) => codec.least)),
    write(to, value) {
      const type = Number(value.type);
      to.int(type);
      arm(type).write(to, value.value);
    },
    read(from) {
      const type = from.int();
      return { type, value: arm(type).read(from) } as unknown as UnionOf<A>;
    },
  };
};

/** The bytes of one value; throws {@link XdrError} naming the field when a bound is broken. */
export const encode = <T>(codec: Codec<T>, value: T, limit: number): Buffer => {
  const to = new Writer(limit);
  codec.write(to, value);
  return to.bytes();
};
