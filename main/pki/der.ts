// DER, the bytes of certificates, requests, keys and revocation lists: values written and read (ITU-T X.690). Knows nothing of what they mean.

/** Identifier octets of the universal types used here; those of sequences and sets with the bit that says they hold others. */
export const tag = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, enumerated: 0x0a, utf8String: 0x0c,
  printableString: 0x13, teletexString: 0x14, ia5String: 0x16, utcTime: 0x17, generalizedTime: 0x18, bmpString: 0x1e, sequence: 0x30, set: 0x31,
} as const;

/** Identifier octet of a context-specific tag: `[number]`, holding other values or bytes. */
export const contextTag = (number: number, form: 'holds' | 'bytes' = 'holds'): number => (form === 'holds' ? 0xa0 : 0x80) | number;

/** One value: identifier, length, contents. */
export function der(identifier: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([identifier, content.length]), content]);
  const digits = content.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([identifier, 0x80 | length.length]), length, content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(tag.sequence, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => der(tag.set, ...parts);
export const octetString = (...contents: readonly Uint8Array[]): Buffer => der(tag.octetString, ...contents);
export const nothing = der(tag.null);
export const yes = der(tag.boolean, Buffer.from([0xff]));

/** An integer that is not negative: a number, or its bytes with the highest first. */
export function integer(value: number | Uint8Array): Buffer {
  const digits = typeof value === 'number' ? value.toString(16) : Buffer.from(value).toString('hex');
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  return der(tag.integer, ...(short.readUInt8(0) >= 0x80 ? [Buffer.from([0])] : []), short);
}

/** Bits in whole bytes, as keys and signatures are. */
export const bitString = (bytes: Uint8Array): Buffer => der(tag.bitString, Buffer.from([0]), bytes);

/** Bits that have names, by their numbers; zeros at the end are left out, as DER asks. */
export function namedBits(numbers: readonly number[]): Buffer {
  const highest = Math.max(...numbers);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const number of numbers) bytes.writeUInt8(bytes.readUInt8(Math.floor(number / 8)) | (0x80 >> number % 8), Math.floor(number / 8));
  return der(tag.bitString, Buffer.from([7 - (highest % 8)]), bytes);
}

/** An object identifier from its dotted text. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const base128 = (arc: number): readonly number[] => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    return digits;
  };
  return der(tag.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** A moment as RFC 5280 §4.1.2.5 writes it: two digits of the year up to 2049, then four. */
export function time(moment: Date): Buffer {
  const digits = moment.toISOString().replaceAll(/[-:T]|\..*/g, '');
  return moment.getUTCFullYear() < 2050 ? der(tag.utcTime, Buffer.from(`${digits.slice(2)}Z`)) : der(tag.generalizedTime, Buffer.from(`${digits}Z`));
}

/** One value read. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** With identifier and length. */
  readonly bytes: Buffer;
}

/** What was read is not DER, or not what was expected. */
export class DerFault extends Error {
  override readonly name = 'DerFault';
}

/** The value at the beginning of the bytes. @throws DerFault */
export function firstValue(bytes: Buffer): DerValue {
  const identifier = bytes[0];
  const short = bytes[1];
  if (identifier === undefined || short === undefined) throw new DerFault('it ends too early');
  if ((identifier & 0x1f) === 0x1f) throw new DerFault('its tags are too large');
  const digits = short < 0x80 ? 0 : short & 0x7f;
  if (short === 0x80 || digits > 4 || bytes.length < 2 + digits) throw new DerFault('a length is wrong');
  const length = digits === 0 ? short : bytes.readUIntBE(2, digits);
  const end = 2 + digits + length;
  if (end > bytes.length) throw new DerFault('it ends too early');
  return { tag: identifier, content: bytes.subarray(2 + digits, end), bytes: bytes.subarray(0, end) };
}

/** The one value that the bytes are. @throws DerFault when they are not one, or of another type than wanted. */
export function readValue(bytes: Buffer, wanted: number): DerValue {
  const value = firstValue(bytes);
  if (value.bytes.length < bytes.length) throw new DerFault('something follows it');
  if (value.tag !== wanted) throw new DerFault('it has another form');
  return value;
}

/** The values one after another. @throws DerFault */
export function readValues(content: Buffer): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let rest = content; rest.length > 0; ) {
    const value = firstValue(rest);
    values.push(value);
    rest = rest.subarray(value.bytes.length);
  }
  return values;
}

/** The values in a sequence or set. @throws DerFault when it is not there or something else. */
export function inside(value: DerValue | undefined, wanted: number = tag.sequence): readonly DerValue[] {
  return readValues(contentOf(value, wanted));
}

/** What stands in a value of this type. @throws DerFault when it is not there or something else. */
export function contentOf(value: DerValue | undefined, wanted: number): Buffer {
  if (value?.tag !== wanted) throw new DerFault('it has another form');
  return value.content;
}

/** A number that is not negative and small enough to count with. @throws DerFault */
export function numberOf(value: DerValue | undefined): number {
  const content = contentOf(value, tag.integer);
  if (content.length === 0 || content.length > 6 || content.readInt8(0) < 0) throw new DerFault('a number is out of range');
  return content.readUIntBE(0, content.length);
}

/** The dotted text of an object identifier. @throws DerFault */
export function oidOf(value: DerValue | undefined): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of contentOf(value, tag.oid)) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

/** The numbers of the bits that are set. @throws DerFault */
export function bitsOf(value: DerValue | undefined): readonly number[] {
  const [, ...bytes] = contentOf(value, tag.bitString);
  return bytes.flatMap((byte, place) => [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (0x80 >> bit)) !== 0).map((bit) => place * 8 + bit));
}

/** A moment. @throws DerFault */
export function timeOf(value: DerValue | undefined): Date {
  const text = value?.content.toString('latin1') ?? '';
  const digits = value?.tag === tag.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (match === null) throw new DerFault('a date is wrong');
  const [, year, month, day, hour, minute, second] = match;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
