// The far end of a connection in memory: hands out what the client sent, sends what a test says.
import { type Duplex, duplexPair } from 'node:stream';
import type { Codec } from '../xdr/xdr.ts';
import { Reader } from '../xdr/xdr.ts';
import { remoteError, type RemoteError } from './objects.ts';
import { frame, type Header, messageStatus, messageType, type Packet, Packets } from './packets.ts';
import { type Call, type Event, type Named, programs } from './procedure.ts';

/** A call as the daemon has it. */
export interface Received<A> {
  readonly header: Header;
  readonly args: A;
}

/** An error struct with libvirt's usual fill. */
export const errorOf = (code: number, message: string | null, more: Partial<RemoteError> = {}): RemoteError => ({
  code, domain: 10, message, level: 2, dom: null, str1: null, str2: null, str3: null, int1: -1, int2: -1, net: null, ...more,
});

export const keepaliveFrame = (procedure: 1 | 2): Buffer =>
  frame({ program: programs.keepalive, procedure, type: messageType.message, serial: 0, status: messageStatus.ok });

const isKeepalive = (packet: Header): boolean => packet.program === programs.keepalive;

export class Peer {
  /** The client's end. */
  readonly near: Duplex;
  /** The daemon's end. */
  readonly far: Duplex;
  readonly #packets = new Packets();
  readonly #arrived: Packet[] = [];
  #wake: (() => void) | null = null;

  constructor(highWaterMark?: number) {
    [this.near, this.far] = duplexPair(highWaterMark === undefined ? {} : { highWaterMark });
    this.far.on('data', (piece: Buffer) => {
      for (const packet of this.#packets.push(piece)) this.#arrived.push({ ...packet, payload: Buffer.from(packet.payload) });
      this.#wake?.();
    });
  }

  /** The next packet that the client sent. */
  async next(): Promise<Packet> {
    for (;;) {
      const packet = this.#arrived.shift();
      if (packet !== undefined) return packet;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next packet, which has to be this call. */
  async call<A, R>(line: Named<Call<A, R>>): Promise<Received<A>> {
    const packet = await this.next();
    if (packet.program !== programs[line.program] || packet.procedure !== line.number || packet.type !== messageType.call) {
      throw new Error(`expected ${line.name}, got procedure ${packet.procedure} of type ${packet.type}`);
    }
    const { payload, ...header } = packet;
    return { header, args: line.args.read(new Reader(payload)) };
  }

  /** Everything that the client has sent by now: all that comes before its answer to a ping. */
  async sentByNow(): Promise<readonly Packet[]> {
    this.send(keepaliveFrame(1));
    const sent: Packet[] = [];
    for (;;) {
      const packet = await this.next();
      if (isKeepalive(packet)) return sent;
      sent.push(packet);
    }
  }

  /** Sends bytes; several messages arrive in one read. */
  send(...messages: readonly Uint8Array[]): void {
    this.far.write(Buffer.concat(messages));
  }
  /** Ends the connection as a daemon that exits. */
  end(): void {
    this.far.end();
  }

  /** Takes the next call, which has to be this one, and answers it. */
  async answer<A, R>(line: Named<Call<A, R>>, ret: R): Promise<Received<A>> {
    const received = await this.call(line);
    this.send(replyFrame(received.header, line.ret, ret));
    return received;
  }
  async refuse<A, R>(line: Named<Call<A, R>>, error: RemoteError): Promise<Received<A>> {
    const received = await this.call(line);
    this.send(errorFrame(received.header, error));
    return received;
  }
}

export const replyFrame = <R>(call: Header, codec: Codec<R>, ret: R): Buffer =>
  frame({ ...call, type: messageType.reply, status: messageStatus.ok }, (to) => codec.write(to, ret));

export const errorFrame = (call: Header, error: RemoteError, type: number = messageType.reply): Buffer =>
  frame({ ...call, type, status: messageStatus.error }, (to) => remoteError.write(to, error));

/** libvirtd gives serial 1 to every event. */
export const eventFrame = <M>(line: Named<Event<M>>, message: M, serial = 1): Buffer =>
  frame({ program: programs[line.program], procedure: line.number, type: messageType.message, serial, status: messageStatus.ok }, (to) => line.message.write(to, message));

export const streamFrame = (call: Header, data: Uint8Array): Buffer =>
  frame({ ...call, type: messageType.stream, status: messageStatus.continue }, (to) => to.raw(data));
/** The server's confirmation of finish or abort. */
export const confirmFrame = (call: Header): Buffer => frame({ ...call, type: messageType.stream, status: messageStatus.ok });
export const holeFrame = (call: Header, length: bigint): Buffer =>
  frame({ ...call, type: messageType.streamHole, status: messageStatus.continue }, (to) => {
    to.hyper(length);
    to.uint(0);
  });
