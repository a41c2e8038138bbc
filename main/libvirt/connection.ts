// One RPC connection over a Duplex: calls and their replies, events, streams, keepalive, and one clear end.
import type { Duplex } from 'node:stream';
import { type Refusal, Refused } from '../../app/contract/refusal.ts';
import { Reader, XdrError } from '../xdr/xdr.ts';
import { CallQueue } from './call-queue.ts';
import { Deadlines } from './deadlines.ts';
import { libvirtError } from './errors.ts';
import { dedicatedKeepalive, Keepalive, keepaliveDefaults, type KeepaliveOptions } from './keepalive.ts';
import { remoteError } from './objects.ts';
import { frame, type Header, headerBytes, type Layer, messageStatus, messageType, nextSerial, type Packet, Packets, ProtocolError, protocolVersion } from './packets.ts';
import { type Call, type Event, type Named, programs } from './procedure.ts';
import type { LibvirtStream } from './stream.ts';
import { Streams } from './streams.ts';

/** How long a call may take, in milliseconds; libvirt itself gives up on a busy guest after 30 s. */
export const callLimit = 60_000;
const [ping, pong] = [1, 2];

/** A packet as the debug log may see it: payloads hold passwords and secrets. */
export interface Traced extends Header {
  readonly version: number;
  /** The whole message, length word included. */
  readonly bytes: number;
}

export interface ConnectionOptions {
  readonly keepalive?: KeepaliveOptions;
  /** Only streams use it: it may be paused when a reader is slow. */
  readonly dedicated?: boolean;
  /** Hears every packet, for the debug log. */
  readonly trace?: (direction: 'sent' | 'received', packet: Traced) => void;
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
  /** Runs instead of `replied` when the caller had given up by then: to undo on the server what the call has made there. */
  readonly late?: (ret: R) => void;
}

interface Outstanding {
  readonly serial: number;
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
  readonly #deadlines = new Deadlines();
  readonly #packets = new Packets();
  /** Calls that went out and have no reply yet. The queue lets four at most: a list this short is searched sooner than a Map. */
  readonly #outstanding: Outstanding[] = [];
  readonly #streams: Streams;
  readonly #listeners = new Map<string, Listener>();
  readonly #keepalive: Keepalive;
  #layer: Layer | null = null;
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
    this.#streams = new Streams(options.dedicated === true, {
      send: (header, payload) => {
        if (this.#end !== null) throw this.#end;
        return this.#send(header, frame(header, payload));
      },
      room: async () => await this.#room(),
      pause: (paused) => this.#pause(paused),
    });
    this.#keepalive = new Keepalive(
      options.keepalive ?? (options.dedicated === true ? dedicatedKeepalive : keepaliveDefaults),
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
  call<A, R>(line: Named<Call<A, R>>, args: A, options: CallOptions<R> = {}): Promise<R> {
    if (line.stream !== undefined) return Promise.reject(new Error(`${line.name} opens a stream`));
    return this.#call(line, args, options, this.#nextSerial());
  }

  /**
   * Makes a call that opens a stream. `sparse` = its flags allow holes.
   * The reply's fields and the client's end of the stream come back together.
   */
  async stream<A, R>(line: Named<Call<A, R>>, args: A, options: CallOptions<R> & { readonly sparse?: boolean } = {}): Promise<{ readonly ret: R; readonly stream: LibvirtStream }> {
    if (line.stream === undefined) throw new Error(`${line.name} opens no stream`);
    const serial = this.#nextSerial();
    // In place before the call: the stream's first packets may come in one read with the reply.
    const stream = this.#streams.open(line, serial, options.sparse ?? false);
    try {
      return { ret: await this.#call(line, args, { ...options, late: () => void stream.abort() }, serial), stream };
    } catch (error) {
      // Given up in flight, the call still gets its reply; the stream that the server then opens is to be aborted.
      if (this.#sentAs(serial) === undefined) this.#streams.forget(serial);
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

  /** From here on all bytes pass through the layer, both ways. For `replied` of the call that agrees on it: the next byte may be in the same read. */
  protect(layer: Layer): void {
    this.#layer = layer;
    this.#packets.reread((held) => this.#opened(held));
  }

  /** While true no ping goes out: none may slip between a message that turns a layer on and the turning. */
  holdPings(hold: boolean): void {
    this.#keepalive.deaf(hold);
  }

  /** Asks the peer for a sign of life now, and ends the connection when none comes soon: for when the network or the machine was away. */
  probe(): void {
    this.#keepalive.probe();
  }

  /** Ends the connection at once; `leave` does so politely. */
  close(): void {
    this.#fail(null);
  }

  #nextSerial(): number {
    this.#serial = nextSerial(this.#serial, (serial) => this.#sentAs(serial) !== undefined || this.#streams.has(serial));
    return this.#serial;
  }

  #sentAs(serial: number): Outstanding | undefined {
    return this.#outstanding.find((one) => one.serial === serial);
  }

  #call<A, R>(line: Named<Call<A, R>>, args: A, options: CallOptions<R>, serial: number): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (line.fds !== undefined) throw new Error(`${line.name} passes file descriptors, which Node cannot`);
      const header = { program: programs[line.program], procedure: line.number, type: messageType.call, serial, status: messageStatus.ok };
      const message = frame(header, (to) => line.args.write(to, args));
      const slow = options.slow ?? false;
      if (this.#end !== null) return reject(this.#end);
      let waits = true;
      const done = (): void => {
        waits = false;
        lift();
        options.signal?.removeEventListener('abort', cancel);
      };
      const fail = (error: Error): void => {
        done();
        leaveQueue();
        reject(error);
      };
      const cancel = (): void => fail(new Refused('cancelled', `${line.name} was given up.`));
      const settle = (packet: Packet): void => {
        const hear = waits ? options.replied : options.late;
        done();
        this.#queue.leave(slow);
        if (packet.status === messageStatus.error) return reject(libvirtError(remoteError.read(new Reader(packet.payload)), line.name));
        const ret = line.ret.read(new Reader(packet.payload));
        hear?.(ret);
        resolve(ret);
      };
      const start = (): void => {
        this.#outstanding.push({ serial, program: header.program, procedure: line.number, settle, fail });
        this.#send(header, message);
      };
      let leaveQueue: () => void = () => undefined;
      if (options.signal?.aborted === true) return reject(new Refused('cancelled', `${line.name} was given up.`));
      options.signal?.addEventListener('abort', cancel, { once: true });
      const limit = options.limit === undefined ? callLimit : options.limit ?? Infinity;
      const lift = this.#deadlines.set(limit, fail, () => new Refused('timed-out', `The host has not answered ${line.name} within ${limit / 1000} s.`, { remedy: 'The host may be busy; look at its load, then try again.' }));
      leaveQueue = this.#queue.enter(options.owner ?? '', slow, start);
    });
  }

  /** On a connection of its own a slow reader stops the socket; what the peer says is then not heard, so silence is no sign of death. */
  #pause(paused: boolean): void {
    if (this.#end !== null) return;
    this.#keepalive.deaf(paused);
    if (paused) this.#duplex.pause();
    else this.#duplex.resume();
  }

  /** Resolves when the socket takes more, or has been closed. */
  #room(): Promise<void> {
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

  #send(header: Header, message: Buffer = frame(header)): boolean {
    if (this.#end !== null) return true;
    this.#options.trace?.('sent', { ...header, version: protocolVersion, bytes: message.length });
    return this.#duplex.write(this.#layer?.seal(message) ?? message);
  }

  #sendKeepalive(procedure: number): void {
    this.#send({ program: programs.keepalive, procedure, type: messageType.message, serial: 0, status: messageStatus.ok });
  }

  /** The plain form of what came; nothing more once the layer has refused something. */
  #opened(bytes: Buffer): Buffer {
    try {
      return this.#layer?.open(bytes) ?? bytes;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#fail(error);
      return Buffer.alloc(0);
    }
  }

  #receive(piece: Buffer): void {
    this.#keepalive.heard();
    try {
      for (const packet of this.#packets.push(this.#opened(piece))) {
        if (this.#end !== null) return;
        if (this.#options.trace !== undefined) {
          const { payload, ...traced } = packet;
          this.#options.trace('received', { ...traced, bytes: headerBytes + payload.length });
        }
        this.#dispatch(packet);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof XdrError)) {
        // A listener of ours failed. What waits here must not wait for ever on top of it.
        this.#fail(new Refused('bug', 'Guestdeck failed while taking a message of the host.', { stage: 'libvirt' }));
        throw error;
      }
      const remedy = 'Check that the address and port are those of a libvirt daemon.';
      this.#fail(new Refused('protocol', `The host broke the libvirt protocol: ${error.message}.`, { stage: 'libvirt', remedy }));
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.version !== protocolVersion) throw new ProtocolError(`version ${packet.version} of program 0x${packet.program.toString(16)}`);
    if (packet.type === messageType.message) this.#hear(packet);
    else if (packet.type === messageType.reply) this.#reply(packet);
    else if (packet.type === messageType.stream || packet.type === messageType.streamHole) this.#streams.received(packet);
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
    const outstanding = this.#sentAs(packet.serial);
    if (outstanding === undefined) throw new ProtocolError(`a reply to a call that was not made (serial ${packet.serial})`);
    // Errors about unknown programs and procedures come back under the numbers that were asked for, too.
    if (outstanding.program !== packet.program || outstanding.procedure !== packet.procedure) {
      throw new ProtocolError(`the reply to procedure ${outstanding.procedure} names procedure ${packet.procedure}`);
    }
    if (packet.status !== messageStatus.ok && packet.status !== messageStatus.error) throw new ProtocolError(`a reply with status ${packet.status}`);
    this.#outstanding.splice(this.#outstanding.indexOf(outstanding), 1);
    // A call that failed has opened no stream.
    if (packet.status === messageStatus.error) this.#streams.forget(packet.serial);
    try {
      outstanding.settle(packet);
    } catch (error) {
      outstanding.fail(error instanceof XdrError ? new Refused('protocol', `The host's answer cannot be read: ${error.message}.`, { stage: 'libvirt' }) : asError(error));
      throw error;
    }
  }

  /** The one end: everything that waits learns of it, once. Null = closed on purpose. */
  #fail(reason: Refused | null): void {
    if (this.#end !== null) return;
    const error = reason ?? new Refused('connection-lost', 'The connection was closed.');
    this.#end = error;
    this.#keepalive.stop();
    this.#deadlines.stop(error);
    this.#streams.fail(error);
    this.#outstanding.length = 0;
    this.#listeners.clear();
    this.#duplex.destroy();
    this.#resolveClosed(reason?.refusal ?? null);
  }
}

const lost = (message: string): Refused => new Refused('connection-lost', message);
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
