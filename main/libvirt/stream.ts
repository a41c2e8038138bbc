// A libvirt stream: data, holes and an end that belong to one call. Its packets are sent and received by the connection.
import { Refused } from '../../app/contract/refusal.ts';

/** What arrives: bytes, or a hole that stands for `length` zero bytes. */
export type StreamPiece = { readonly kind: 'data'; readonly data: Buffer } | { readonly kind: 'hole'; readonly length: bigint };

/** What a stream needs from its connection. */
export interface StreamWire {
  /** Sends data; resolves when the socket has room again. Never called with nothing. */
  data(data: Uint8Array): Promise<void>;
  hole(length: bigint): Promise<void>;
  finish(): void;
  abort(): void;
  /** More than `highWater` waits to be read (true), or little again or nothing more is to come (false). */
  full(full: boolean): void;
  /** The stream is over, in whatever way. */
  over(): void;
}

/** Client packets: servers take up to 4 MiB, 256 KiB keeps replies flowing in between. */
const largestPiece = 262_120;
/** What remembering a piece costs besides its bytes, so that a flood of holes or of single bytes is counted too. */
const pieceCost = 128;
/** Memory, in bytes, that unread pieces may take before the connection is asked to pause. */
export const highWater = 1_048_576;

type Phase = 'open' | 'ended' | 'finishing' | 'aborting' | 'over';

/** The client's end. Reading is a `for await`; breaking out of it aborts the stream. */
export class LibvirtStream {
  readonly #wire: StreamWire;
  readonly #sparse: boolean;
  readonly #arrived: StreamPiece[] = [];
  #waiting = 0;
  #full = false;
  #phase: Phase = 'open';
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  readonly #closed = withResolvers();

  constructor(wire: StreamWire, sparse: boolean) {
    this.#wire = wire;
    this.#sparse = sparse;
    // The outcome may come while nobody waits for it; whoever finishes or reads next learns of it.
    this.#closed.promise.catch(() => undefined);
  }

  /** Sends bytes in pieces; resolves when there is room for more. Throws when the stream is over. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += largestPiece) {
      this.#mustBeOpen();
      await this.#wire.data(data.subarray(at, at + largestPiece));
    }
  }

  /** Sends a hole. Only in a stream whose call carried the sparse flag: otherwise the server ends the whole connection. */
  async writeHole(length: bigint): Promise<void> {
    this.#mustBeOpen();
    if (!this.#sparse) throw new Error('a hole in a stream that was not opened sparse');
    if (length <= 0n) throw new Error(`a hole of ${length} bytes`);
    await this.#wire.hole(length);
  }

  /** Ends the stream and waits for the server's word that all went well. An upload is good only once this has resolved. */
  async finish(): Promise<void> {
    if (this.#phase === 'open' || this.#phase === 'ended') {
      this.#enter('finishing');
      this.#wire.finish();
    }
    await this.#closed.promise;
  }

  /**
   * Gives the stream up, for `reason` if somebody still reads. Resolves when the server has confirmed; a stream that is over
   * already resolves at once.
   */
  async abort(reason: Error = new Refused('cancelled', 'The stream was given up.')): Promise<void> {
    if (this.#phase === 'open' || this.#phase === 'ended') {
      this.#failure = reason;
      this.#arrived.length = 0;
      this.#waiting = 0;
      this.#enter('aborting');
      this.#wire.abort();
    }
    // Why it ended no longer matters to someone who gave it up.
    await this.#closed.promise.catch(() => undefined);
  }

  /** What the server sends, until its end of data; then the stream is finished. Throws what ended it otherwise. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamPiece, void, undefined> {
    let complete = false;
    try {
      for (;;) {
        const piece = this.#arrived.shift();
        if (piece !== undefined) {
          this.#count(-costOf(piece));
          yield piece;
        } else if (this.#failure !== null) {
          throw this.#failure;
        } else if (this.#phase !== 'open') {
          break;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
      complete = true;
      await this.finish();
    } finally {
      if (!complete) await this.abort();
    }
  }

  /** Memory, in bytes, that what has arrived and was not read yet takes. */
  get unread(): number {
    return this.#waiting;
  }

  /** From the connection: data or, when empty, the end of data. */
  received(data: Buffer): void {
    if (this.#phase !== 'open') return;
    if (data.length === 0) this.#enter('ended');
    // A copy: the packet shares memory with a receive buffer that would be kept alive as a whole.
    else this.#arrive({ kind: 'data', data: Buffer.from(data) });
  }
  /** From the connection: a hole. False when this stream may not have one. */
  receivedHole(length: bigint): boolean {
    if (!this.#sparse || length < 0n) return false;
    if (this.#phase === 'open') this.#arrive({ kind: 'hole', length });
    return true;
  }
  /** From the connection: the server confirmed finish or abort. */
  confirmed(): void {
    this.#end(this.#phase === 'open' ? new Refused('protocol', 'The host ended a stream without being asked.') : null);
  }
  /** From the connection: the stream or the connection failed. No finish or abort may be sent any more. */
  failed(error: Error): void {
    this.#end(error);
  }

  #arrive(piece: StreamPiece): void {
    this.#arrived.push(piece);
    this.#count(costOf(piece));
    this.#stir();
  }
  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#count(0);
    this.#stir();
  }
  #count(change: number): void {
    this.#waiting += change;
    // Past `open` nothing is added any more, and the answer to finish or abort must get through.
    const full = this.#phase === 'open' && this.#waiting > highWater;
    if (full === this.#full) return;
    this.#full = full;
    this.#wire.full(full);
  }
  #end(error: Error | null): void {
    if (this.#phase === 'over') return;
    this.#failure ??= error;
    this.#enter('over');
    this.#wire.over();
    // A stream that was given up has not gone well, even where the server confirms that.
    if (this.#failure === null) this.#closed.resolve();
    else this.#closed.reject(this.#failure);
  }
  #stir(): void {
    this.#wake?.();
    this.#wake = null;
  }
  #mustBeOpen(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#phase === 'ended') throw new Refused('connection-lost', 'The host has ended this stream.');
    if (this.#phase !== 'open') throw new Error('the stream is over');
  }
}

const costOf = (piece: StreamPiece): number => pieceCost + (piece.kind === 'data' ? piece.data.length : 0);

interface Resolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
/** Promise.withResolvers, which Node 20 lacks. */
const withResolvers = (): Resolvers => {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
};
