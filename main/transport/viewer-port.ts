// A port of this computer that leads to one SPICE display far away, for one viewer, and closes with it.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { take } from './take.ts';

/** A port that was opened. */
export interface ViewerPort {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Resolves once it and all that went through it is closed. */
  readonly closed: Promise<void>;
  /** Closes it at once, as often as it is called. */
  readonly close: () => void;
}

/** What it is opened with. */
export interface ViewerPortOptions {
  /** Opens one connection to the display. */
  readonly reach: (signal: AbortSignal) => Promise<Duplex>;
  /** How long it waits for its viewer, in milliseconds. */
  readonly patience: number;
}

/** The begin of what a client says: "REDQ", version, size, and the number of the session that its connection belongs to, 0 for a new one; https://www.spice-space.org/spice-protocol.html */
const [magic, sessionAt, spoken] = ['REDQ', 16, 20];

/**
 * Opens it. A viewer begins with one connection and adds others that name its session; whoever else begins one is turned away.
 * @throws the system's error when no port can be had.
 */
export const openViewerPort = async ({ reach, patience }: ViewerPortOptions): Promise<ViewerPort> => {
  const gone = new AbortController();
  const open = new Set<Socket>();
  let first: Socket | null = null;
  const server: Server = createServer({ noDelay: true }, (socket) => void lead(socket));
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const late = setTimeout(() => close(), patience);
  const close = (): void => {
    clearTimeout(late);
    gone.abort();
    server.close();
    for (const socket of open) socket.destroy();
  };

  const lead = async (socket: Socket): Promise<void> => {
    open.add(socket);
    let far: Duplex | null = null;
    socket.once('close', () => {
      open.delete(socket);
      far?.destroy();
      // Its first connection is the viewer itself.
      if (socket === first) close();
    });
    // How it ended does not matter to anybody here.
    socket.on('error', () => socket.destroy());
    try {
      const begin = await take(socket, spoken, gone.signal);
      const isNew = begin.readUInt32LE(sessionAt) === 0;
      if (begin.toString('latin1', 0, magic.length) !== magic || (isNew && first !== null)) return void socket.destroy();
      if (isNew) {
        first = socket;
        clearTimeout(late);
      }
      far = await reach(gone.signal);
      far.on('error', () => socket.destroy());
      far.once('close', () => socket.destroy());
      if (socket.destroyed) return void far.destroy();
      far.write(begin);
      socket.pipe(far).pipe(socket);
    } catch {
      // The display is not reached, or the viewer has left: to the viewer, both are an end.
      socket.destroy();
    }
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    close();
    throw error;
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The port for a viewer has no number.');
  return { port: address.port, closed, close };
};
