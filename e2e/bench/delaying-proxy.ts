// A TCP proxy that holds every byte for a while in each direction: a far-away host on this machine.
import { connect, createServer, type Socket } from 'node:net';

export interface DelayingProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How often a client has spoken after it had heard something, since the proxy began: the round trips it waited for. */
  readonly roundTrips: () => number;
  /** Bytes that passed in both directions, since the proxy began. */
  readonly passed: () => number;
  /** Ends the listener and every connection. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on a free port of 127.0.0.1 and passes on to `port` there. `delay` in milliseconds is added each way, to the end of a
 * stream too; only the TCP handshake itself is not delayed.
 */
export async function delayingProxy(port: number, delay: number): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  let [roundTrips, passed] = [0, 0];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    let isHeard = true;
    near.on('data', () => {
      if (isHeard) roundTrips++;
      isHeard = false;
    });
    far.on('data', () => {
      isHeard = true;
    });
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      // Timers of one length run in the order in which they were set, so bytes keep theirs.
      from.on('data', (chunk: Buffer) => {
        passed += chunk.length;
        setTimeout(() => to.write(chunk), delay);
      });
      from.on('end', () => void setTimeout(() => to.end(), delay));
      from.on('error', () => to.destroy());
      from.on('close', (hadError) => {
        sockets.delete(from);
        if (hadError) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port');
  return {
    port: address.port,
    roundTrips: () => roundTrips,
    passed: () => passed,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
