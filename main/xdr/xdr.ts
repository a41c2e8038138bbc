// XDR (RFC 4506) as values: a codec writes and reads one type, knows its bounds, and describes itself.

/** What a codec puts on the wire, as data: what the conformance test compares and the debug log prints. */
export type Shape =
  | { readonly kind: 'void' | 'int' | 'uint' | 'hyper' | 'uhyper' | 'double' | 'char' }
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

/** A value or a byte sequence that breaks a bound or ends too soon; `path` is the field, outermost first. */
export class XdrError extends Error {
  override readonly name = 'XdrError';
  readonly reason: string;
  readonly path: readonly string[];
  constructor(reason: string, path: readonly string[] = []) {
    super(path.length > 0 ? `${path.join('.')}: ${reason}` : reason);
    this.reason = reason;
    this.path = path;
  }
}

/** A growing buffer that never passes `limit` bytes. */
export class Writer {
  #bytes: Buffer;
  #at = 0;
  readonly #limit: number;

  constructor(limit: number, first = 256) {
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafe(first);
  }

  /** Makes room for `size` more bytes, moves past them and returns where they start. */
  take(size: number): number {
    const at = this.#at;
    const end = at + size;
    if (end > this.#limit) throw new XdrError(`message of ${end} bytes passes the limit of ${this.#limit}`);
    if (end > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#at = end;
    return at;
  }
  int(value: number): void {
    const at = this.take(4);
    this.#bytes.writeInt32BE(value, at);
  }
  uint(value: number): void {
    const at = this.take(4);
    this.#bytes.writeUInt32BE(value, at);
  }
  hyper(value: bigint): void {
    const at = this.take(8);
    this.#bytes.writeBigInt64BE(value, at);
  }
  uhyper(value: bigint): void {
    const at = this.take(8);
    this.#bytes.writeBigUInt64BE(value, at);
  }
  double(value: number): void {
    const at = this.take(8);
    this.#bytes.writeDoubleBE(value, at);
  }
  /** Raw bytes and the zeros that pad them to a multiple of four. */
  padded(value: Uint8Array): void {
    const at = this.take(value.length + padding(value.length));
    this.#bytes.set(value, at);
    this.#bytes.fill(0, at + value.length, this.#at);
  }
  /** UTF-8 text of `size` bytes, padded. */
  text(value: string, size: number): void {
    const at = this.take(size + padding(size));
    this.#bytes.write(value, at, size, 'utf8');
    this.#bytes.fill(0, at + size, this.#at);
  }
  /** Unpadded bytes: for what follows a header and is not XDR (stream data). */
  raw(value: Uint8Array): void {
    const at = this.take(value.length);
    this.#bytes.set(value, at);
  }
  /** Overwrites the word at `at`, for lengths known only at the end. */
  patch(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }
  get length(): number {
    return this.#at;
  }
  /** The bytes written so far; they share memory with the writer. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** A cursor over received bytes that refuses to pass their end. */
export class Reader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }
  get remaining(): number {
    return this.#end - this.#at;
  }
  #take(size: number): number {
    const at = this.#at;
    if (size > this.#end - at) throw new XdrError(`needs ${size} bytes where ${this.#end - at} are left`);
    this.#at = at + size;
    return at;
  }
  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }
  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }
  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }
  uhyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }
  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }
  /** A copy of `size` bytes; the padding after them is skipped. */
  padded(size: number): Uint8Array {
    const at = this.#take(size + padding(size));
    return Uint8Array.prototype.slice.call(this.#bytes, at, at + size);
  }
  text(size: number): string {
    const at = this.#take(size + padding(size));
    return this.#bytes.toString('utf8', at, at + size);
  }
}

const padding = (size: number): number => (4 - (size & 3)) & 3;

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

const elements = <T>(of: Codec<T>, count: number, from: Reader): T[] => {
  const values: T[] = [];
  for (let index = 0; index < count; index++) values.push(of.read(from));
  return values;
};

/** Counted elements, at most `max`. */
export const array = <T>(of: Codec<T>, max: number): Codec<readonly T[]> => ({
  shape: { kind: 'array', max, of: of.shape },
  least: 4,
  write(to, values) {
    to.uint(within(values.length, max, 'elements'));
    for (const value of values) of.write(to, value);
  },
  read: (from) => elements(of, fits(within(from.uint(), max, 'elements'), of.least, from), from),
});

/** Exactly `length` elements, no count. */
export const fixed = <T>(of: Codec<T>, length: number): Codec<readonly T[]> => ({
  shape: { kind: 'fixed', length, of: of.shape },
  least: of.least * length,
  write(to, values) {
    if (values.length !== length) throw new XdrError(`${values.length} elements where ${length} are expected`);
    for (const value of values) of.write(to, value);
  },
  read: (from) => elements(of, length, from),
});

/** An XDR pointer: a presence word, then the value. */
export const optional = <T>(of: Codec<T>): Codec<T | null> => ({
  shape: { kind: 'optional', of: of.shape },
  least: 4,
  write(to, value) {
    to.uint(value === null ? 0 : 1);
    if (value !== null) of.write(to, value);
  },
  read: (from) => (from.uint() === 0 ? null : of.read(from)),
});

/** The fields of a struct by name, in wire order. */
export type Fields = Readonly<Record<string, Codec<never> | Codec<unknown>>>;
/** The value of a struct with these fields. */
export type StructOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

const inside = (field: string, error: unknown): unknown =>
  error instanceof XdrError ? new XdrError(error.reason, [field, ...error.path]) : error;

/** Fields one after the other; errors name the field. */
export const struct = <F extends Fields>(fields: F): Codec<StructOf<F>> => {
  const entries = Object.entries(fields) as [string, Codec<unknown>][];
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
export type UnionOf<A extends Readonly<Record<number, Codec<never> | Codec<unknown>>>> = {
  readonly [K in keyof A]: { readonly type: K; readonly value: ValueOf<A[K]> };
}[keyof A];

/** A discriminant and its arm; there is no default arm, an unknown discriminant is an error. */
export const union = <A extends Readonly<Record<number, Codec<never> | Codec<unknown>>>>(arms: A): Codec<UnionOf<A>> => {
  const table = new Map(Object.entries(arms).map(([type, codec]) => [Number(type), codec as Codec<unknown>]));
  const arm = (type: number): Codec<unknown> => {
    const codec = table.get(type);
    if (codec === undefined) throw new XdrError(`${type} is not one of the union's arms`);
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
