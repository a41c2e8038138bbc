// The transport to a daemon on this machine: a UNIX socket.
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { Refused } from '../../app/contract/refusal.ts';
import type { ConnectionUri } from '../../app/domain/connection-uri.ts';
import { daemonAt, hasOwnDaemon, localSockets } from './daemon-sockets.ts';
import { runHere } from './run.ts';
import { startSessionDaemon } from './session-daemon.ts';
import { runStage, type Found } from './stages.ts';
import { reachHere } from './far-place.ts';
import { linkOfOwnStreams } from './streams.ts';
import { codeOf, connected, wordsOf } from './sockets.ts';
import type { OpenTransport, Surroundings } from './transport.ts';

/** What this process is. */
interface Self {
  readonly platform: NodeJS.Platform;
  readonly userId: number | undefined;
}

/**
 * Connects to the socket of the driver's own daemon, else to libvirtd's (https://libvirt.org/uri.html#unix-uris). A user's own daemon is
 * started where it does not run, on Linux and FreeBSD, unless LIBVIRT_AUTOSTART=0 forbids it.
 * Refuses with `socket-missing` or `socket-denied`.
 */
export const openUnixAs = (self: Self): OpenTransport => async (uri, surroundings) => {
  const { platform } = self;
  const sockets = localSockets(uri, surroundings);
  const subject = {
    stage: 'socket',
    doing: 'Connecting to the libvirt socket',
    remedy: 'The daemon does not take connections; see its log, or restart it.',
  } as const;
  const open = (signal: AbortSignal): Promise<Socket> => runStage(subject, surroundings, signal, async ({ signal: ended }) => {
    const found = platform === 'win32' ? undefined : (await connectFirst(sockets, ended)) ?? (await connectToStarted(uri, sockets, surroundings, self, ended));
    if (found === undefined) throw noDaemon(platform, sockets);
    return found;
  });
  return linkOfOwnStreams(open, { ...(platform === 'linux' && { run: runHere(surroundings) }), reach: reachHere });
};

export const openUnix: OpenTransport = openUnixAs({ platform: process.platform, userId: process.getuid?.() });

function noDaemon(platform: NodeJS.Platform, sockets: readonly string[]): Refused {
  if (platform === 'win32') {
    return new Refused('socket-missing', 'Windows has no libvirt daemon: this URI can only be used on the computer that runs the guests.', {
      stage: 'socket', remedy: 'Name the host, and how to reach it, as in qemu+ssh://user@host/system.',
    });
  }
  const units = sockets.some((socket) => socket.endsWith('-ro')) ? 'libvirtd-ro.socket (virtqemud-ro.socket' : 'libvirtd.socket (virtqemud.socket';
  return new Refused('socket-missing', `No libvirt daemon listens at ${sockets.join(' or ')}.`, {
    stage: 'socket',
    remedy: platform === 'darwin'
      ? 'Macs rarely have one: name the host, as in qemu+ssh://user@host/system, or install and start libvirt by Homebrew.'
      : `Install libvirt-daemon-system, or start it: systemctl start ${units} on newer systems).`,
  });
}

/** Connects to the first that exists; a dead socket file left behind by a daemon counts as missing. Undefined when none does. */
async function connectFirst(sockets: readonly string[], signal: AbortSignal): Promise<Found<Socket> | undefined> {
  for (const path of sockets) {
    const found = await connectIfThere(path, signal);
    if (found !== undefined) return { value: found, seen: path };
  }
  return undefined;
}

/** The same with a user's own daemon, once it was started; undefined where that is not done. */
async function connectToStarted(uri: ConnectionUri, sockets: readonly string[], surroundings: Surroundings, { platform, userId }: Self, signal: AbortSignal): Promise<Found<Socket> | undefined> {
  // What root starts is the system's daemon, whatever the surroundings say.
  const mayStart = (platform === 'linux' || platform === 'freebsd') && userId !== undefined && userId !== 0;
  if (!mayStart || !hasOwnDaemon(uri, surroundings) || surroundings.env['LIBVIRT_AUTOSTART'] === '0') return undefined;
  const daemons = sockets.map(daemonAt);
  const complaint = await startSessionDaemon(daemons, surroundings, signal);
  const found = await connectFirst(sockets, signal);
  if (found !== undefined) return { ...found, seen: `${found.seen}${complaint === null ? ', its daemon was started' : ''}` };
  throw new Refused('socket-missing', `The libvirt daemon of this user does not run, and was started in vain: ${complaint ?? `it does not listen at ${sockets.join(' or ')}`}.`, {
    stage: 'socket', remedy: `Start it by hand to see what it says: ${daemons.join(' or ')}.`,
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
        offers: [{ kind: 'addToGroup', user: userInfo().username, group: 'libvirt' }],
      });
    }
    if (error instanceof Refused) throw error;
    throw new Refused('socket-missing', `${path} cannot be opened: ${wordsOf(error)}.`, { stage: 'socket' }, { cause: error });
  }
}
