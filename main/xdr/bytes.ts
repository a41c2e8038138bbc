// The bytes under XDR: a writer that stops at a limit, a reader that stops at the end, and the error both raise.

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

  constructor(limit: number, first = 128) {
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
  /** Hexadecimal digits as the bytes they stand for, a multiple of four. */
  hex(digits: string): void {
    const at = this.take(digits.length / 2);
    this.#bytes.write(digits, at, 'hex');
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

/** Bytes that a text has at most whose like is looked for: names come again and again in one message. And how many of them are remembered, a power of two. */
const [shortText, shortTexts] = [32, 256];

/** A cursor over received bytes that refuses to pass their end. */
export class Reader {
  readonly #bytes: Buffer;
  /** Short texts of this message by a number made of their bytes. */
  readonly #met: { readonly at: number; readonly size: number; readonly text: string }[] = [];
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
    const copy = new Uint8Array(size);
    copy.set(this.#bytes.subarray(at, at + size));
    return copy;
  }
  text(size: number): string {
    const at = this.#take(size + padding(size));
    if (size === 0 || size > shortText) return this.#bytes.toString('utf8', at, at + size);
    const bytes = this.#bytes;
    let hash = size;
    for (let index = at; index < at + size; index += 1) hash = Math.imul(hash, 31) + (bytes[index] ?? 0);
    const place = hash & (shortTexts - 1);
    const before = this.#met[place];
    if (before !== undefined && before.size === size) {
      let index = 0;
      while (index < size && bytes[before.at + index] === bytes[at + index]) index += 1;
      if (index === size) return before.text;
    }
    const text = bytes.toString('utf8', at, at + size);
    this.#met[place] = { at, size, text };
    return text;
  }
  /** `size` bytes, a multiple of four, as lower-case hexadecimal digits. */
  hex(size: number): string {
    const at = this.#take(size);
    return this.#bytes.toString('hex', at, at + size);
  }
}

/** How many zeros follow `size` bytes, so that the next value starts at a multiple of four. */
export const padding = (size: number): number => (4 - (size & 3)) & 3;
