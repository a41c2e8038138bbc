// The transport to a daemon on this machine: a UNIX socket.
import { connect, type Socket } from 'node:net';
import { Refused } from '../../app/contract/refusal.ts';
import { localSockets } from './daemon-sockets.ts';
import { runHere } from './run.ts';
import { runStage, type Found } from './stages.ts';
import { linkOfOwnStreams } from './streams.ts';
import { codeOf, connected, wordsOf } from './sockets.ts';
import type { OpenTransport } from './transport.ts';

/**
 * Connects to the socket of the driver's own daemon, else to libvirtd's (https://libvirt.org/uri.html#unix-uris).
 * Refuses with `socket-missing` or `socket-denied`.
 */
export const openUnix: OpenTransport = async (uri, surroundings) => {
  const candidates = localSockets(uri, surroundings);
  const subject = {
    stage: 'socket',
    doing: 'Connecting to the libvirt socket',
    remedy: 'The daemon does not take connections; see its log, or restart it.',
  } as const;
  const open = (signal: AbortSignal): Promise<Socket> => runStage(subject, surroundings, signal, (step) => connectFirst(candidates, step.signal));
  return linkOfOwnStreams(open, process.platform === 'linux' ? runHere(surroundings) : undefined);
};

/** Connects to the first candidate that exists; a dead socket file left behind by a daemon counts as missing. */
async function connectFirst(candidates: readonly string[], signal: AbortSignal): Promise<Found<Socket>> {
  for (const path of candidates) {
    const found = await connectIfThere(path, signal);
    if (found !== undefined) return { value: found, seen: path };
  }
  throw new Refused('socket-missing', `No libvirt daemon listens at ${candidates.join(' or ')}.`, {
    stage: 'socket',
    remedy: 'Install libvirt-daemon-system, or start it: systemctl start libvirtd.socket (virtqemud.socket on newer systems).',
  });
}

async function connectIfThere(path: string, signal: AbortSignal): Promise<Socket | undefined> {
  const socket = connect({ path });
  try {
    await connected(socket, signal);
    return socket;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Refused('socket-denied', `This user may not open ${path}.`, {
        stage: 'socket',
        remedy: 'Add the user to the group libvirt (usermod -aG libvirt USER) and log in again.',
      });
    }
    if (error instanceof Refused) throw error;
    throw new Refused('socket-missing', `${path} cannot be opened: ${wordsOf(error)}.`, { stage: 'socket' }, { cause: error });
  }
}
