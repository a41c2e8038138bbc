// The frame around every message: a length word, a header of six words, a payload. Bytes in, packets out; no I/O.
import { Writer } from '../xdr/xdr.ts';

/** Message types. Types with file descriptors exist on UNIX sockets only and are not spoken here. */
export const messageType = { call: 0, reply: 1, message: 2, stream: 3, callWithFds: 4, replyWithFds: 5, streamHole: 6 } as const;
export const messageStatus = { ok: 0, error: 1, continue: 2 } as const;

/** The protocol's version; every program in use has it. */
export const protocolVersion = 1;
/** Length word and header. */
export const headerBytes = 28;
/** The largest message, the length word included: 32 MiB and four bytes. */
export const largestMessage = 33_554_432 + 4;

export interface Header {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}
export interface Packet extends Header {
  readonly version: number;
  /** Shares memory with what was received: decode it or copy it before the next turn. */
  readonly payload: Buffer;
}

/** Changes all bytes on their way, in the order they travel. */
export interface Layer {
  readonly seal: (plain: Uint8Array) => Buffer;
  /** The plain bytes that became complete with these. @throws Refused; the connection then ends with it. */
  readonly open: (sealed: Uint8Array) => Buffer;
}

/** The peer broke the protocol. The connection that it came from cannot be used any further. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The bytes of one message. `payload` writes what follows the header; a value out of bounds throws XdrError. */
export const frame = (header: Header, payload?: (to: Writer) => void): Buffer => {
  const to = new Writer(largestMessage);
  to.uint(0);
  to.uint(header.program);
  to.uint(protocolVersion);
  to.int(header.procedure);
  to.uint(header.type);
  to.uint(header.serial);
  to.uint(header.status);
  payload?.(to);
  to.patch(0, to.length);
  return to.bytes();
};

/**
 * The serial of the next call: one more than the last, 1 after 0xffffffff, none that a call or stream still holds.
 * 0 is left to keepalive and to events as documented.
 */
export const nextSerial = (last: number, isHeld: (serial: number) => boolean): number => {
  let serial = last;
  do serial = serial === 0xffff_ffff ? 1 : serial + 1;
  while (isHeld(serial));
  return serial;
};

const packet = (message: Buffer): Packet => ({
  program: message.readUInt32BE(4),
  version: message.readUInt32BE(8),
  procedure: message.readInt32BE(12),
  type: message.readUInt32BE(16),
  serial: message.readUInt32BE(20),
  status: message.readUInt32BE(24),
  payload: message.subarray(headerBytes),
});

/** Cuts a byte stream into packets, however it arrives in pieces. */
export class Packets {
  #pieces: Buffer[] = [];
  #held = 0;

  /** The packets that are complete with this piece. Throws {@link ProtocolError} on a length that no message may have, before anything is allocated for it. */
  *push(piece: Buffer): Generator<Packet> {
    this.#pieces.push(piece);
    this.#held += piece.length;
    for (;;) {
      if (this.#held < 4) return;
      const length = this.#peek(4).readUInt32BE(0);
      if (length < headerBytes || length > largestMessage) {
        throw new ProtocolError(`a message of ${length} bytes, where ${headerBytes} to ${largestMessage} are allowed`);
      }
      if (this.#held < length) return;
      yield packet(this.#take(length));
    }
  }

  /** What is held came in another form than what was read before: it is replaced by what `change` makes of it. */
  reread(change: (held: Buffer) => Buffer): void {
    const changed = change(Buffer.concat(this.#pieces));
    this.#pieces = [changed];
    this.#held = changed.length;
  }

  /** Bytes of a message that is not complete. */
  get held(): number {
    return this.#held;
  }

  /** The first bytes, joined only as far as needed. */
  #peek(size: number): Buffer {
    const first = this.#pieces[0];
    if (first !== undefined && first.length >= size) return first;
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }

  #take(size: number): Buffer {
    const first = this.#pieces[0];
    const whole = first !== undefined && first.length >= size ? first : Buffer.concat(this.#pieces);
    if (whole !== first) this.#pieces = [whole];
    if (whole.length === size) this.#pieces.shift();
    else this.#pieces[0] = whole.subarray(size);
    this.#held -= size;
    return whole.length === size ? whole : whole.subarray(0, size);
  }
}
