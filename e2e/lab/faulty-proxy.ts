// A relay in the middle that fails when told to, in every way a network or a far side can: nothing more, an end, a wrong byte, a trickle.
import { connect, createServer, type Server, type Socket } from 'node:net';

export type FaultKind =
  /** Nothing passes any more, in either direction; what came meanwhile passes when healed. */
  | 'stall'
  /** Both sides are gone at once, with a reset where the socket has one. */
  | 'reset'
  /** The client is told of the end, and what it still sends is refused. */
  | 'end'
  /** The client is told of the end; what it sends is read on, and nothing closes by itself. */
  | 'halfClose'
  /** The first or the last byte of the next piece for the client is wrong. */
  | 'corruptHead'
  | 'corruptTail'
  /** The client gets 64 bytes every five milliseconds: a bad line, but a line. */
  | 'slow'
  /** The client gets one byte every twenty milliseconds. */
  | 'trickle';

export type Side = 'client' | 'server';

export interface Fault {
  readonly kind: FaultKind;
  /** Strikes at the nth piece, from 1, that comes from that side from now on; at once when left out. Of a server's piece half still passes. */
  readonly at?: { readonly from: Side; readonly piece: number };
}

export interface FaultyProxy {
  /** Where clients connect to: the number of a port, or the path of a socket file. */
  readonly place: string;
  /** From here on, or from the piece that the fault waits for, connections fail: those that are open, and new ones. */
  readonly strike: (fault: Fault) => void;
  /** New connections are good again, and those that were held up go on. */
  readonly heal: () => void;
  /** Resolves when no client is connected. */
  readonly idle: () => Promise<void>;
  /** Resolves with the next piece from that side. */
  readonly heard: (from: Side) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Where the proxy passes things on to. */
export type Upstream = { readonly host: string; readonly port: number } | { readonly path: string };

/** Opens a proxy on a free port of 127.0.0.1, on a socket file, or on a listener that is there already. */
export async function faultyProxy(upstream: Upstream, place: Server | { readonly path: string } | { readonly port: number } = { port: 0 }): Promise<FaultyProxy> {
  const relays = new Set<Relay>();
  const waiting = new Set<() => void>();
  const hearers = new Map<Side, Set<() => void>>([['client', new Set()], ['server', new Set()]]);
  let armed: Fault | undefined;
  let current: FaultKind | undefined;
  let pieces = 0;
  const tell = (hearing: Set<() => void> | undefined): void => {
    const told = [...(hearing ?? [])];
    hearing?.clear();
    for (const hear of told) hear();
  };
  /** Which fault strikes with this piece. */
  const due = (from: Side): FaultKind | undefined => {
    tell(hearers.get(from));
    if (armed?.at?.from !== from || ++pieces !== armed.at.piece) return undefined;
    const { kind } = armed;
    armed = undefined;
    current = kind;
    return kind;
  };
  const take = (near: Socket): void => {
    const relay = new Relay(near, connect({ ...upstream }), due);
    relays.add(relay);
    near.once('close', () => {
      relays.delete(relay);
      if (relays.size === 0) tell(waiting);
    });
    if (current !== undefined) relay.strike(current);
  };
  const server = 'listening' in place ? place : createServer();
  server.on('connection', take);
  if (!('listening' in place)) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', ...place }, resolve);
    });
  }
  return {
    place: placeOf(server),
    strike: (fault) => {
      pieces = 0;
      armed = fault;
      if (fault.at !== undefined) return;
      current = fault.kind;
      for (const relay of relays) relay.strike(fault.kind);
    },
    heal: () => {
      [armed, current] = [undefined, undefined];
      for (const relay of relays) relay.heal();
    },
    idle: async () => {
      if (relays.size > 0) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    heard: async (from) => await new Promise((resolve) => hearers.get(from)?.add(resolve)),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const relay of relays) relay.end();
      await closed;
    },
  };
}

function placeOf(server: Server): string {
  const address = server.address();
  if (address === null) throw new TypeError('the proxy does not listen');
  return typeof address === 'string' ? address : String(address.port);
}

/** One client and its connection to the real server. */
class Relay {
  readonly #near: Socket;
  readonly #far: Socket;
  #fault: FaultKind | undefined;
  /** What is held up, in order. */
  #held: (() => void)[] = [];
  #trickle: NodeJS.Timeout | undefined;
  #slow = Buffer.alloc(0);

  constructor(near: Socket, far: Socket, due: (from: Side) => FaultKind | undefined) {
    [this.#near, this.#far] = [near, far];
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('data', (piece: Buffer) => {
      const fault = due('client');
      if (fault !== undefined) this.strike(fault);
      this.#pass(() => far.write(piece));
    });
    far.on('data', (piece: Buffer) => {
      const fault = due('server');
      if (fault === undefined || isCorrupting(fault)) {
        if (fault !== undefined) this.#fault = fault;
        this.#toClient(piece);
        return;
      }
      const half = piece.length >> 1;
      this.#toClient(piece.subarray(0, half));
      // What was written goes out before what follows, which may be a reset.
      near.write('', () => {
        this.strike(fault);
        this.#toClient(piece.subarray(half));
      });
    });
    near.on('end', () => this.#pass(() => far.end()));
    far.on('end', () => this.#pass(() => near.end()));
    // How a side failed shows by its closing.
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => this.end());
  }

  strike(fault: FaultKind): void {
    this.#fault = fault;
    if (fault === 'reset') {
      if (this.#near.remoteAddress === undefined) this.#near.destroy();
      else this.#near.resetAndDestroy();
      this.#far.destroy();
    } else if (fault === 'end') {
      this.#near.destroySoon();
      this.#far.destroy();
    } else if (fault === 'halfClose') this.#near.end();
  }

  heal(): void {
    if (this.#fault === undefined) return;
    this.#fault = undefined;
    this.#stopTrickle();
    const held = this.#held;
    this.#held = [];
    if (this.#near.writable) this.#near.write(this.#slow);
    this.#slow = Buffer.alloc(0);
    for (const go of held) go();
  }

  end(): void {
    this.#stopTrickle();
    this.#near.destroy();
    this.#far.destroy();
  }

  #stopTrickle(): void {
    if (this.#trickle !== undefined) clearInterval(this.#trickle);
    this.#trickle = undefined;
  }

  #pass(go: () => void): void {
    if (this.#fault === 'stall') this.#held.push(go);
    else go();
  }

  #toClient(piece: Buffer): void {
    if (!this.#near.writable) return;
    if (this.#fault === 'stall') this.#held.push(() => this.#near.write(piece));
    else if (this.#fault === 'slow') this.#drip(piece, 64, 5);
    else if (this.#fault === 'trickle') this.#drip(piece, 1, 20);
    else if (this.#fault !== undefined && isCorrupting(this.#fault)) {
      const wrong = Buffer.from(piece);
      const at = this.#fault === 'corruptHead' ? 0 : wrong.length - 1;
      wrong[at] = (wrong[at] ?? 0) ^ 0x80;
      this.#fault = undefined;
      this.#near.write(wrong);
    } else this.#near.write(piece);
  }

  #drip(piece: Buffer, bytes: number, milliseconds: number): void {
    this.#slow = Buffer.concat([this.#slow, piece]);
    this.#trickle ??= setInterval(() => {
      if (this.#slow.length > 0) this.#near.write(this.#slow.subarray(0, bytes));
      this.#slow = this.#slow.subarray(bytes);
    }, milliseconds);
  }
}

const isCorrupting = (fault: FaultKind): boolean => fault === 'corruptHead' || fault === 'corruptTail';
