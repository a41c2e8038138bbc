// A tap on a daemon's UNIX socket: clients connect to it instead, and every byte of either side is kept in order.
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Side = 'client' | 'server';
/** One libvirt message as it passed, its length word included. */
export interface Passed {
  readonly from: Side;
  /** Which connection through the tap, from 0. */
  readonly connection: number;
  readonly message: Buffer;
}

export interface Tap {
  /** Path to connect to. */
  readonly socket: string;
  /** What has passed so far. A message that is not complete yet is not there. */
  readonly passed: readonly Passed[];
  /** Resolves with the first message, passed or still to come, that is awaited. */
  until(isAwaited: (passed: Passed) => boolean): Promise<Passed>;
  close(): Promise<void>;
}

/** Opens a tap in front of the socket `target`; `close` ends what still goes through it. */
export const openTap = async (target: string): Promise<Tap> => {
  const folder = await mkdtemp(join(tmpdir(), 'gd-tap-'));
  const socket = join(folder, 'tap.sock');
  const passed: Passed[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<(one: Passed) => void>();
  const take = (one: Passed): void => {
    passed.push(one);
    for (const look of waiting) look(one);
  };
  let connections = 0;
  const server = createServer((near) => {
    const connection = connections++;
    const far = createConnection(target);
    const couple = (from: Side, source: Socket, sink: Socket): void => {
      const messages = cutter((message) => take({ from, connection, message }));
      sockets.add(source);
      source.on('data', messages);
      source.pipe(sink);
      // Whoever goes takes the other side along.
      source.on('error', () => sink.destroy());
      source.on('close', () => {
        sockets.delete(source);
        sink.destroy();
      });
    };
    couple('client', near, far);
    couple('server', far, near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    socket,
    passed,
    until: async (isAwaited) => passed.find(isAwaited) ?? await new Promise((resolve) => {
      const look = (one: Passed): void => {
        if (!isAwaited(one)) return;
        waiting.delete(look);
        resolve(one);
      };
      waiting.add(look);
    }),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const open of sockets) open.destroy();
      await closed;
      await rm(folder, { recursive: true });
    },
  };
};

/** Cuts a byte stream into messages by their length words: on purpose not with our own packet reader. */
const cutter = (take: (message: Buffer) => void): ((piece: Buffer) => void) => {
  let held = Buffer.alloc(0);
  return (piece) => {
    held = Buffer.concat([held, piece]);
    while (held.length >= 4 && held.length >= held.readUInt32BE(0)) {
      const length = held.readUInt32BE(0);
      if (length < 28) throw new Error(`a message of ${length} bytes passed the tap`);
      take(Buffer.from(held.subarray(0, length)));
      held = held.subarray(length);
    }
  };
};
