// One RPC connection over a Duplex: calls and their replies, events, streams, keepalive, and one clear end.
import type { Duplex } from 'node:stream';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import { hyper, Reader, uint, XdrError } from '../xdr/xdr.ts';
import { CallQueue } from './call-queue.ts';
import { libvirtError } from './errors.ts';
import { Keepalive, keepaliveDefaults, type KeepaliveOptions } from './keepalive.ts';
import { remoteError } from './objects.ts';
import { frame, messageStatus, messageType, type Packet, Packets, ProtocolError, protocolVersion } from './packets.ts';
import { type Call, type Event, type Named, type Program, programs } from './procedure.ts';
import { LibvirtStream, type StreamWire } from './stream.ts';

/** How long a call may take, in milliseconds; libvirt itself gives up on a busy guest after 30 s. */
export const callLimit = 60_000;
const ping = 1;
const pong = 2;
/** Bytes a slow reader may leave in memory on a connection that others share, before its stream is given up. */
const mostBuffered = 16 * 1_048_576;

export interface ConnectionOptions {
  readonly keepalive?: KeepaliveOptions;
  /** Only streams use it: it may be paused when a reader is slow. */
  readonly dedicated?: boolean;
  /** Hears every packet, for the debug log. */
  readonly trace?: (direction: 'sent' | 'received', packet: Omit<Packet, 'payload'> & { readonly bytes: number }) => void;
}

export interface CallOptions<R> {
  readonly signal?: AbortSignal;
  /** Milliseconds; `null` for calls that may take as long as they take. */
  readonly limit?: number | null;
  /** It may keep the server busy for seconds; such calls never take all places. */
  readonly slow?: boolean;
  /** On whose behalf: turns go round between owners. */
  readonly owner?: string;
  /** Runs in the same turn as the reply, before anything that came after it is looked at. */
  readonly replied?: (ret: R) => void;
}

interface Outstanding {
  readonly procedure: number;
  readonly program: number;
  readonly settle: (packet: Packet) => void;
  readonly fail: (error: Error) => void;
}

type Listener = (packet: Packet) => void;
const keyOf = (program: number, procedure: number): string => `${program}:${procedure}`;

/** Calls go out and answers come back in any order; after `closed` nothing more happens. */
export class Connection {
  readonly #duplex: Duplex;
  readonly #options: ConnectionOptions;
  readonly #queue = new CallQueue();
  readonly #packets = new Packets();
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #streams = new Map<number, { readonly stream: LibvirtStream; readonly key: string }>();
  readonly #listeners = new Map<string, Listener>();
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #keepalive: Keepalive;
  #serial = 0;
  #end: Error | null = null;
  #resolveClosed: (refusal: Refusal | null) => void = () => undefined;
  /** Resolves, never rejects: null after `close`, otherwise why the connection ended. */
  readonly closed: Promise<Refusal | null>;

  constructor(duplex: Duplex, options: ConnectionOptions = {}) {
    this.#duplex = duplex;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#keepalive = new Keepalive(
      options.keepalive ?? keepaliveDefaults,
      () => this.#sendKeepalive(ping),
      () => this.#fail(lost('The host stopped answering.')),
    );
    duplex.on('data', (piece: Buffer) => this.#receive(piece));
    duplex.on('error', (error: Error) => this.#fail(error instanceof Refused ? error : lost(`The connection broke: ${error.message}.`)));
    duplex.on('end', () => this.#fail(lost('The host closed the connection.')));
    duplex.on('close', () => this.#fail(lost('The connection was closed.')));
  }

  get isOpen(): boolean {
    return this.#end === null;
  }

  /**
   * Makes a call and answers its result. Throws LibvirtError when libvirt refuses, Refused `timed-out`, `cancelled` or
   * `connection-lost` otherwise, XdrError when an argument breaks a bound of the protocol. Giving up does not stop the server.
   */
  async call<A, R>(line: Named<Call<A, R>>, args: A, options: CallOptions<R> = {}): Promise<R> {
    return await this.#call(line, args, options, this.#nextSerial());
  }

  /**
   * Makes a call that opens a stream. `sparse` = its flags allow holes.
   * The reply's fields and the client's end of the stream come back together.
   */
  async stream<A, R>(line: Named<Call<A, R>>, args: A, options: CallOptions<R> & { readonly sparse?: boolean } = {}): Promise<{ readonly ret: R; readonly stream: LibvirtStream }> {
    if (line.stream === undefined) throw new Error(`${line.name} opens no stream`);
    const serial = this.#nextSerial();
    const stream = new LibvirtStream(this.#wireOf(line, serial), options.sparse ?? false);
    // In place before the call: the stream's first packets may come in one read with the reply.
    this.#streams.set(serial, { stream, key: keyOf(programs[line.program], line.number) });
    try {
      return { ret: await this.#call(line, args, options, serial), stream };
    } catch (error) {
      this.#streams.delete(serial);
      throw error;
    }
  }

  /** Hears one kind of event until the returned function is called; one listener a kind. */
  on<M>(line: Named<Event<M>>, hear: (message: M) => void): () => void {
    const key = keyOf(programs[line.program], line.number);
    if (this.#listeners.has(key)) throw new Error(`${line.name} has a listener already`);
    this.#listeners.set(key, (packet) => hear(line.message.read(new Reader(packet.payload))));
    return () => this.#listeners.delete(key);
  }

  /** Ends the connection at once. */
  close(): void {
    this.#fail(null);
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1;
    return this.#serial;
  }

  #call<A, R>(line: Named<Call<A, R>>, args: A, options: CallOptions<R>, serial: number): Promise<R> {
    const program: Program = line.program;
    if (line.fds !== undefined) throw new Error(`${line.name} passes file descriptors, which Node cannot`);
    const header = { program: programs[program], procedure: line.number, type: messageType.call, serial, status: messageStatus.ok };
    const message = frame(header, (to) => line.args.write(to, args));
    const slow = options.slow ?? false;
    return new Promise<R>((resolve, reject) => {
      if (this.#end !== null) return reject(this.#end);
      let timer: NodeJS.Timeout | null = null;
      const done = (): void => {
        if (timer !== null) clearTimeout(timer);
        options.signal?.removeEventListener('abort', cancel);
        this.#waiting.delete(fail);
      };
      const fail = (error: Error): void => {
        done();
        leaveQueue();
        reject(error);
      };
      const cancel = (): void => fail(new Refused('cancelled', `${line.name} was given up.`));
      const settle = (packet: Packet): void => {
        done();
        this.#queue.leave(slow);
        if (packet.status === messageStatus.error) return reject(libvirtError(remoteError.read(new Reader(packet.payload)), line.name));
        const ret = line.ret.read(new Reader(packet.payload));
        options.replied?.(ret);
        resolve(ret);
      };
      const start = (): void => {
        this.#outstanding.set(serial, { program: header.program, procedure: line.number, settle, fail });
        this.#send(message, header);
      };
      let leaveQueue: () => void = () => undefined;
      if (options.signal?.aborted === true) return reject(new Refused('cancelled', `${line.name} was given up.`));
      options.signal?.addEventListener('abort', cancel, { once: true });
      const limit = options.limit === undefined ? callLimit : options.limit;
      if (limit !== null) {
        timer = setTimeout(() => fail(new Refused('timed-out', `The host has not answered ${line.name} within ${limit / 1000} s.`, { remedy: 'The host may be busy; look at its load, then try again.' })), limit);
      }
      this.#waiting.add(fail);
      leaveQueue = this.#queue.enter(options.owner ?? '', slow, start);
    });
  }

  #wireOf(line: { readonly program: Program; readonly number: number }, serial: number): StreamWire {
    const header = (status: number, type: number = messageType.stream) => ({ program: programs[line.program], procedure: line.number, type, serial, status });
    const send = async (head: ReturnType<typeof header>, message: Buffer): Promise<void> => {
      if (this.#end !== null) throw this.#end;
      if (!this.#send(message, head)) await this.#drained();
    };
    return {
      data: async (data) => await send(header(messageStatus.continue), frame(header(messageStatus.continue), (to) => to.raw(data))),
      hole: async (length) => {
        const head = header(messageStatus.continue, messageType.streamHole);
        await send(head, frame(head, (to) => {
          hyper.write(to, length);
          uint.write(to, 0);
        }));
      },
      finish: () => void this.#send(frame(header(messageStatus.ok)), header(messageStatus.ok)),
      abort: () => void this.#send(frame(header(messageStatus.error)), header(messageStatus.error)),
      full: (full) => this.#throttle(full),
      over: () => void this.#streams.delete(serial),
    };
  }

  /** On a connection of its own a slow reader stops the socket; on a shared one replies must go on, so it may only buffer. */
  #throttle(full: boolean): void {
    if (this.#options.dedicated !== true || this.#end !== null) return;
    if (full) this.#duplex.pause();
    else this.#duplex.resume();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#duplex.off('drain', go);
        this.#duplex.off('close', go);
        resolve();
      };
      this.#duplex.once('drain', go);
      this.#duplex.once('close', go);
    });
  }

  #send(message: Buffer, header: { readonly program: number; readonly procedure: number; readonly type: number; readonly serial: number; readonly status: number }): boolean {
    if (this.#end !== null) return true;
    this.#options.trace?.('sent', { ...header, version: protocolVersion, bytes: message.length });
    return this.#duplex.write(message);
  }

  #sendKeepalive(procedure: number): void {
    const header = { program: programs.keepalive, procedure, type: messageType.message, serial: 0, status: messageStatus.ok };
    this.#send(frame(header), header);
  }

  #receive(piece: Buffer): void {
    try {
      for (const packet of this.#packets.push(piece)) {
        if (this.#end !== null) return;
        this.#keepalive.heard();
        this.#options.trace?.('received', { ...packet, bytes: packet.payload.length });
        this.#dispatch(packet);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof XdrError)) throw error;
      this.#fail(
        new Refused('protocol', `The host broke the libvirt protocol: ${error.message}.`, {
          stage: 'libvirt',
          remedy: 'Check that the address and port are those of a libvirt daemon.',
        }),
      );
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.version !== protocolVersion) throw new ProtocolError(`version ${packet.version} of program 0x${packet.program.toString(16)}`);
    if (packet.type === messageType.message) this.#hear(packet);
    else if (packet.type === messageType.reply) this.#reply(packet);
    else if (packet.type === messageType.stream || packet.type === messageType.streamHole) this.#streamed(packet);
    else throw new ProtocolError(`a message of type ${packet.type}`);
  }

  #hear(packet: Packet): void {
    if (packet.program === programs.keepalive) {
      if (packet.procedure === ping) this.#sendKeepalive(pong);
      return;
    }
    // Events nobody registered for, or of a newer libvirt, are not an error.
    this.#listeners.get(keyOf(packet.program, packet.procedure))?.(packet);
  }

  #reply(packet: Packet): void {
    const outstanding = this.#outstanding.get(packet.serial);
    if (outstanding === undefined) throw new ProtocolError(`a reply to a call that was not made (serial ${packet.serial})`);
    // Errors about unknown programs and procedures come back under the numbers that were asked for, too.
    if (outstanding.program !== packet.program || outstanding.procedure !== packet.procedure) {
      throw new ProtocolError(`the reply to procedure ${outstanding.procedure} names procedure ${packet.procedure}`);
    }
    if (packet.status !== messageStatus.ok && packet.status !== messageStatus.error) throw new ProtocolError(`a reply with status ${packet.status}`);
    this.#outstanding.delete(packet.serial);
    try {
      outstanding.settle(packet);
    } catch (error) {
      outstanding.fail(error instanceof XdrError ? new Refused('protocol', `The host's answer cannot be read: ${error.message}.`, { stage: 'libvirt' }) : asError(error));
      throw error;
    }
  }

  #streamed(packet: Packet): void {
    const held = this.#streams.get(packet.serial);
    // Packets of a stream that is over may still be under way.
    if (held === undefined) return;
    if (held.key !== keyOf(packet.program, packet.procedure)) throw new ProtocolError(`a stream packet for procedure ${packet.procedure} under another one's serial`);
    const { stream } = held;
    if (packet.type === messageType.streamHole) {
      const from = new Reader(packet.payload);
      const length = hyper.read(from);
      uint.read(from);
      if (!stream.receivedHole(length)) throw new ProtocolError('a hole in a stream that may have none');
    } else if (packet.status === messageStatus.continue) {
      stream.received(packet.payload);
      if (this.#options.dedicated !== true && stream.unread > mostBuffered) void stream.abort(new Refused('protocol', 'More came through a stream than could be taken in time.'));
    } else if (packet.status === messageStatus.ok) stream.confirmed();
    else stream.failed(libvirtError(remoteError.read(new Reader(packet.payload)), 'stream'));
  }

  /** The one end: everything that waits learns of it, once. Null = closed on purpose. */
  #fail(reason: Refused | null): void {
    if (this.#end !== null) return;
    const error = reason ?? new Refused('connection-lost', 'The connection was closed.');
    this.#end = error;
    this.#keepalive.stop();
    for (const fail of [...this.#waiting]) fail(error);
    for (const { stream } of [...this.#streams.values()]) stream.failed(error);
    this.#outstanding.clear();
    this.#listeners.clear();
    this.#duplex.destroy();
    this.#resolveClosed(reason?.refusal ?? null);
  }
}

const lost = (message: string): Refused => new Refused('connection-lost', message);
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
