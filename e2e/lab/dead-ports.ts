// Hosts that are dead in the ways hosts are: nothing listens, what listens never answers, and a firewall drops what comes.
import { createServer, type Server, type Socket } from 'node:net';
import type { Network } from './network.ts';
import { freePorts } from './processes.ts';

export interface DeadPorts {
  /** `host:port`, the three ways to be dead taking turns. */
  readonly places: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens so many. Without a network there are only two ways to be dead. */
export async function deadPorts(count: number, network: Network | undefined): Promise<DeadPorts> {
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket)).resume();
  });
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const dropped = await network?.listen();
  const droppedPort = dropped === undefined ? undefined : portOf(dropped);
  if (droppedPort !== undefined) await network?.drop([String(droppedPort)]);
  const refused = await freePorts(count);
  const places = refused.map((port, index) => {
    if (index % 3 === 0) return `127.0.0.1:${port}`;
    if (index % 3 === 1 || network === undefined) return `127.0.0.1:${portOf(mute)}`;
    return `${network.address}:${droppedPort}`;
  });
  return {
    places,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([mute, dropped].map(async (server) => {
        if (server !== undefined) await new Promise((closed) => server.close(closed));
      }));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
