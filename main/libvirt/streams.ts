// The streams of one connection: which packet belongs to which, when the socket must wait, when one is given up.
import { Refused } from '../../app/contract/refusal.ts';
import { hyper, Reader, uint, type Writer } from '../xdr/xdr.ts';
import { libvirtError } from './errors.ts';
import { remoteError } from './objects.ts';
import { type Header, messageStatus, messageType, type Packet, ProtocolError } from './packets.ts';
import { programs, type Program } from './procedure.ts';
import { LibvirtStream } from './stream.ts';

/** Memory, in bytes, that a slow reader may take on a connection that others share, before its stream is given up. */
export const mostBuffered = 16 * 1_048_576;

/** What streams need from their connection. */
export interface StreamSocket {
  /** False when the socket is full; throws why the connection has ended. */
  send(header: Header, payload?: (to: Writer) => void): boolean;
  /** Resolves when the socket takes more, or has been closed. */
  room(): Promise<void>;
  /** Stops reading (true) or goes on; asked only of a dedicated connection. */
  pause(paused: boolean): void;
}

/** The line of a call that opens a stream. */
interface StreamLine {
  readonly name: string;
  readonly program: Program;
  readonly number: number;
}

/** Streams by the serial of the call that opened them. */
export class Streams {
  readonly #dedicated: boolean;
  readonly #socket: StreamSocket;
  readonly #streams = new Map<number, { readonly stream: LibvirtStream; readonly line: StreamLine }>();
  readonly #full = new Set<number>();

  constructor(dedicated: boolean, socket: StreamSocket) {
    this.#dedicated = dedicated;
    this.#socket = socket;
  }

  /** The client's end of the stream that the call with this serial is going to open. */
  open(line: StreamLine, serial: number, sparse: boolean): LibvirtStream {
    const header = (status: number, type: number = messageType.stream): Header => ({ program: programs[line.program], procedure: line.number, type, serial, status });
    const send = async (head: Header, payload: (to: Writer) => void): Promise<void> => {
      if (!this.#socket.send(head, payload)) await this.#socket.room();
    };
    const stream = new LibvirtStream({
      data: async (data) => await send(header(messageStatus.continue), (to) => to.raw(data)),
      hole: async (length) => await send(header(messageStatus.continue, messageType.streamHole), (to) => {
        hyper.write(to, length);
        uint.write(to, 0);
      }),
      finish: () => void this.#socket.send(header(messageStatus.ok)),
      abort: () => void this.#socket.send(header(messageStatus.error)),
      full: (full) => this.#fill(serial, full),
      over: () => this.forget(serial),
    }, sparse);
    this.#streams.set(serial, { stream, line });
    return stream;
  }

  has(serial: number): boolean {
    return this.#streams.has(serial);
  }
  /** There is no such stream (any more): packets of it are dropped. */
  forget(serial: number): void {
    this.#streams.delete(serial);
  }

  /** Takes a packet of type STREAM or STREAM_HOLE. Throws {@link ProtocolError} or XdrError when the server breaks the protocol. */
  received(packet: Packet): void {
    const held = this.#streams.get(packet.serial);
    // Packets of a stream that is over may still be under way.
    if (held === undefined) return;
    const { stream, line } = held;
    if (packet.program !== programs[line.program] || packet.procedure !== line.number) {
      throw new ProtocolError(`a stream packet for procedure ${packet.procedure} under a serial of ${line.name}`);
    }
    if (packet.type === messageType.streamHole) {
      const from = new Reader(packet.payload);
      const length = hyper.read(from);
      uint.read(from);
      if (!stream.receivedHole(length)) throw new ProtocolError(`a hole of ${length} bytes in the stream of ${line.name}`);
    } else if (packet.status === messageStatus.continue) stream.received(packet.payload);
    else if (packet.status === messageStatus.ok) stream.confirmed();
    else if (packet.status === messageStatus.error) stream.failed(libvirtError(remoteError.read(new Reader(packet.payload)), line.name));
    else throw new ProtocolError(`a stream packet with status ${packet.status}`);
    // On a shared connection replies must go on, so a stream may only be buffered, and not without bound.
    if (!this.#dedicated && stream.unread > mostBuffered) void stream.abort(new Refused('timed-out', `More came through the stream of ${line.name} than was taken in time.`));
  }

  /** The connection has ended, and every stream with it. */
  fail(error: Error): void {
    for (const { stream } of [...this.#streams.values()]) stream.failed(error);
  }

  #fill(serial: number, full: boolean): void {
    if (!this.#dedicated) return;
    const before = this.#full.size;
    if (full) this.#full.add(serial);
    else this.#full.delete(serial);
    if ((before > 0) !== (this.#full.size > 0)) this.#socket.pause(full);
  }
}
