// Values for any arguments of the procedure table: sparse ones and filled ones.
import type { Shape } from '../../main/xdr/xdr.ts';

export interface Sample {
  /** What optional fields and lists hold: nothing, or one thing. */
  readonly filled: boolean;
  /** Field name → its value, instead of one made up. */
  readonly known?: Readonly<Record<string, unknown>>;
}

/** Names nothing that exists, so that a call may be made without doing anything. */
export const nobody = '0000dead-0000-4000-8000-000000000000';

/** A value that `shape` allows. */
export const sampleOf = (shape: Shape, sample: Sample): unknown => {
  const of = (inner: Shape): unknown => sampleOf(inner, sample);
  switch (shape.kind) {
    case 'void':
      return undefined;
    case 'int':
    case 'uint':
    case 'char':
    case 'double':
      return sample.filled ? 1 : 0;
    case 'hyper':
    case 'uhyper':
      return sample.filled ? 1n : 0n;
    case 'uuid':
      return nobody;
    case 'string':
      return 'nobody';
    case 'bytes':
    case 'chars':
      return sample.filled ? Uint8Array.of(1) : new Uint8Array(0);
    case 'opaque':
      return new Uint8Array(shape.length);
    case 'array':
      return sample.filled ? [of(shape.of)] : [];
    case 'fixed':
      return Array.from({ length: shape.length }, () => of(shape.of));
    case 'optional':
      return sample.filled ? of(shape.of) : null;
    case 'struct':
      return Object.fromEntries(Object.entries(shape.fields).map(([name, inner]) => [name, sample.known !== undefined && name in sample.known ? sample.known[name] : of(inner)]));
    case 'union': {
      const [type = '1', arm] = Object.entries(shape.arms)[0] ?? [];
      return { type: Number(type), value: arm === undefined ? 0 : of(arm) };
    }
  }
};
