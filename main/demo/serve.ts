// The daemon's end of a connection: frames in, handlers by the procedure table, frames out; nothing about guests.
import type { Duplex } from 'node:stream';
import { remoteError } from '../libvirt/objects.ts';
import { frame, messageStatus, messageType, type Packet, Packets, ProtocolError, protocolVersion } from '../libvirt/packets.ts';
import { type AnyCall, type CallArgs, type CallRet, type Event, type Named, programs } from '../libvirt/procedure.ts';
import { remote } from '../libvirt/procedures.ts';
import { Reader, XdrError } from '../xdr/xdr.ts';
import { Fault, notSupported } from './fault.ts';

type Lines = typeof remote;
/** The names of the remote program's calls. */
export type CallName = { [K in keyof Lines]: Lines[K] extends { readonly kind: 'call' } ? K : never }[keyof Lines];
/** What a handler answers; nothing where the reply has no fields. */
type Answer<R> = R | (keyof R extends never ? void : never);

/** Name of a procedure → what the daemon does for it. Adding one is adding its entry; others answer NO_SUPPORT. */
export type Handlers = {
  readonly [K in CallName]?: (args: CallArgs<Lines[K]>, client: Client) => Answer<CallRet<Lines[K]>> | Promise<Answer<CallRet<Lines[K]>>>;
};
type Handle = (args: unknown, client: Client) => unknown;

/** A stream that a call opened, the server's end of it. */
export interface ServerStream {
  /** Bytes from the client. */
  readonly received: (data: Buffer) => void;
  /** The client finished or gave up, or went away. */
  readonly over: () => void;
}

const lines = new Map<number, AnyCall>(
  Object.values(remote).flatMap((line): [number, AnyCall][] => (line.kind === 'call' ? [[line.number, line]] : [])),
);
const ping = 1;
const pong = 2;
/** What a call needs at least before CONNECT_OPEN; the daemon refuses the rest. */
const beforeOpen: readonly CallName[] = ['authList', 'connectOpen', 'connectClose', 'connectSupportsFeature'];
/** Calls that a read-only connection may make. */
const reading = /^(auth|connect|node(Get|List|NumOf|DeviceGet)|domain(Get|Lookup|Is|Has|List|Block(Stats|Peek)|InterfaceStats|MemoryStats|Snapshot(Get|List|Num)))/;

/** One client's connection. */
export class Client {
  readonly #duplex: Duplex;
  readonly #handlers: Handlers;
  readonly #packets = new Packets();
  readonly #streams = new Map<number, ServerStream>();
  readonly #left: () => void;
  #open = true;
  #calling: Packet | null = null;
  /** Set by AUTH_LIST and CONNECT_OPEN. */
  authenticated = false;
  opened: { readonly name: string; readonly readOnly: boolean } | null = null;

  constructor(duplex: Duplex, handlers: Handlers, left: () => void) {
    this.#duplex = duplex;
    this.#handlers = handlers;
    this.#left = left;
    duplex.on('data', (piece: Buffer) => this.#receive(piece));
    duplex.on('error', () => this.close());
    duplex.on('end', () => this.close());
    duplex.on('close', () => this.close());
  }

  /** Ends the connection, as a daemon that stops does. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const stream of this.#streams.values()) stream.over();
    this.#streams.clear();
    // What was sent before still arrives; then the client's end sees the end.
    this.#duplex.end();
    this.#left();
  }

  /** Sends an event. libvirtd gives serial 1 to every one. */
  tell<M>(line: Named<Event<M>>, message: M): void {
    this.#send(frame({ program: programs.remote, procedure: line.number, type: messageType.message, serial: 1, status: messageStatus.ok }, (to) => line.message.write(to, message)));
  }

  /**
   * Opens the stream of the call that is being handled; to be called before the handler's first await.
   * @returns how to send data (an empty piece is the end of it).
   */
  stream(opened: ServerStream): (data: Uint8Array) => void {
    const call = this.#calling;
    if (call === null) throw new Error('no call is being handled');
    this.#streams.set(call.serial, opened);
    const header = { program: call.program, procedure: call.procedure, type: messageType.stream, serial: call.serial, status: messageStatus.continue };
    return (data) => {
      if (this.#streams.get(call.serial) === opened) this.#send(frame(header, (to) => to.raw(data)));
    };
  }

  #send(message: Buffer): void {
    if (this.#open) this.#duplex.write(message);
  }

  #receive(piece: Buffer): void {
    try {
      for (const packet of this.#packets.push(piece)) {
        if (!this.#open) return;
        this.#dispatch(packet);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // A length that no message may have: the daemon hangs up without a word.
      this.close();
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.program === programs.keepalive) {
      if (packet.procedure === ping) this.#send(frame({ program: programs.keepalive, procedure: pong, type: messageType.message, serial: 0, status: messageStatus.ok }));
    } else if (packet.type === messageType.call) void this.#call(packet);
    else if (packet.type === messageType.stream) this.#streamed(packet);
  }

  #streamed(packet: Packet): void {
    const stream = this.#streams.get(packet.serial);
    if (stream === undefined) return;
    if (packet.status === messageStatus.continue) {
      stream.received(packet.payload);
      return;
    }
    this.#streams.delete(packet.serial);
    stream.over();
    this.#send(frame({ ...packet, status: messageStatus.ok }));
  }

  async #call(packet: Packet): Promise<void> {
    try {
      if (packet.program !== programs.remote || packet.version !== protocolVersion) {
        throw new Fault('rpc', 'rpc', `Cannot find program ${packet.program} version ${packet.version}`);
      }
      const line = lines.get(packet.procedure);
      if (line === undefined) throw new Fault('rpc', 'rpc', `unknown procedure: ${packet.procedure}`);
      if (packet.status !== messageStatus.ok) throw new Fault('rpc', 'rpc', `Unexpected message status ${packet.status}`);
      const ret = this.#handle(line, packet);
      this.#reply(packet, line, ret instanceof Promise ? await ret : ret);
    } catch (error) {
      // Anything else is a fault of the daemon itself, which it answers and survives.
      const fault = error instanceof Fault ? error : new Fault('internalError', 'rpc', `internal error: ${String(error)}`);
      this.#send(frame({ ...packet, type: messageType.reply, status: messageStatus.error }, (to) => remoteError.write(to, fault.error)));
    }
  }

  #handle(line: AnyCall, packet: Packet): unknown {
    // Every key of the table names a line, and Handlers ties the handler under it to that line's types.
    const name = line.name as CallName;
    if (!this.authenticated && name !== 'authList') throw new Fault('rpc', 'rpc', 'authentication required');
    if (this.opened === null && !beforeOpen.includes(name)) throw new Fault('internalError', 'rpc', 'connection not open');
    if (this.opened?.readOnly === true && !reading.test(name)) throw new Fault('operationDenied', 'domain', `operation forbidden: read only access prevents ${name}`);
    const handle = this.#handlers[name] as Handle | undefined;
    if (handle === undefined) throw notSupported(name);
    this.#calling = packet;
    try {
      return handle(this.#decode(line, packet), this);
    } finally {
      this.#calling = null;
    }
  }

  #decode(line: AnyCall, packet: Packet): unknown {
    try {
      return line.args.read(new Reader(packet.payload));
    } catch (error) {
      if (error instanceof XdrError) throw new Fault('rpc', 'rpc', 'Unable to decode message payload');
      throw error;
    }
  }

  #reply(packet: Packet, line: AnyCall, ret: unknown): void {
    this.#send(frame({ ...packet, type: messageType.reply, status: messageStatus.ok }, (to) => line.ret.write(to, ret ?? {})));
    if (line.number === remote.connectClose.number) this.close();
  }
}

