// A value as the dissector prints it: its leaves in wire order, as text.
import { type Codec, encode, type Shape } from '../../main/xdr/xdr.ts';
import { largestMessage } from '../../main/libvirt/packets.ts';

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const colons = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
const wireBytes = (shape: Shape, value: Uint8Array): Uint8Array => {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(value.length);
  return Buffer.concat([...(shape.kind === 'bytes' ? [count] : []), value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
};

/** The leaves of a value that `codec` takes. */
export const leavesOf = <T>(codec: Codec<T>, value: T): readonly string[] => {
  // What cannot be encoded has no leaves either.
  encode(codec, value, largestMessage);
  return leaves(codec.shape, value);
};

const leaves = (shape: Shape, value: unknown): readonly string[] => {
  if (shape.kind === 'optional') return value === null ? [''] : leaves(shape.of, value);
  if (shape.kind === 'uuid') return [colons(Buffer.from(String(value).replaceAll('-', ''), 'hex'))];
  if (value instanceof Uint8Array) return [colons(wireBytes(shape, value))];
  if (Array.isArray(value)) {
    if (value.length === 0) return [''];
    return 'of' in shape ? value.flatMap((one: unknown) => leaves(shape.of, one)) : [];
  }
  if (isFields(value)) {
    if (shape.kind === 'struct') return Object.entries(shape.fields).flatMap(([name, of]) => leaves(of, value[name]));
    const arm = shape.kind === 'union' ? shape.arms[Number(value['type'])] : undefined;
    return arm === undefined ? [] : leaves(arm, value['value']);
  }
  return [String(value)];
};
