// Streams to what listens on a daemon's host besides the daemon: by its own sockets here, through an SSH session, or by dialling it.
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import { dial } from './dial.ts';
import { connected, wordsOf } from './sockets.ts';
import { describeWay, openWay, type PortWay, type Way } from './ssh-daemon.ts';
import { sessionLost, type SshReach } from './ssh-reach.ts';
import type { FarPlace, Surroundings } from './transport.ts';

const describe = (place: FarPlace): string => (place.kind === 'socket' ? place.path : `${place.host === '' ? 'its port' : `${place.host} port`} ${place.port}`);

const unreachable = (place: FarPlace, from: string, why: string, remedy: string, cause?: unknown): Refused =>
  new Refused('unreachable', `${describe(place)} cannot be reached from ${from}: ${why}.`, { remedy }, { cause });

/** How a machine names itself. */
const itself = 'localhost';

/** On this computer. */
export async function reachHere(place: FarPlace, signal: AbortSignal): Promise<Duplex> {
  const socket = place.kind === 'socket' ? connect({ path: place.path }) : connect({ host: place.host || itself, port: place.port, noDelay: true });
  try {
    await connected(socket, signal);
    return socket;
  } catch (error) {
    if (error instanceof Refused || signal.aborted) throw error;
    throw unreachable(place, 'this computer', wordsOf(error), 'Sockets of guests may be for their own user alone: run Guestdeck as one who may open them.', error);
  }
}

/** Through an SSH session: forwarded, or, where the server forbids that, by netcat on the host. */
export async function reachFrom(reach: SshReach, place: FarPlace, signal: AbortSignal): Promise<Duplex> {
  const ways: readonly (Way | PortWay)[] = place.kind === 'socket'
    ? [{ kind: 'forward', path: place.path }, { kind: 'netcat', program: 'nc', path: place.path }]
    : [{ kind: 'forwardPort', host: place.host || itself, port: place.port }, { kind: 'netcatPort', program: 'nc', host: place.host || itself, port: place.port }];
  const tried: string[] = [];
  for (const way of ways) {
    if (reach.forward === undefined && (way.kind === 'forward' || way.kind === 'forwardPort')) continue;
    try {
      return await openWay(reach, way, signal);
    } catch (error) {
      if (!(error instanceof Refused) || signal.aborted) throw error;
      if (reach.isOver()) throw sessionLost(reach);
      tried.push(`${describeWay(way)}: ${error.message}`);
    }
  }
  throw unreachable(place, reach.host, tried.join('; '), 'Allow AllowTcpForwarding and AllowStreamLocalForwarding in the sshd_config of the host, or install netcat-openbsd there.');
}

/** Addresses that name the machine that uses them. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** By dialling, where there is nothing to go through: only what listens for others can be reached. */
export const reachBeside = (host: string, surroundings: Surroundings) => async (place: FarPlace, signal: AbortSignal): Promise<Duplex> => {
  const remedy = 'Connect to this host over SSH, or let the guest’s display listen on an address of the host, protected by a password or TLS.';
  if (place.kind === 'socket') throw unreachable(place, 'this computer', `it is a socket on ${host}, and the connection to libvirt carries nothing else`, remedy);
  if (isLoopback(place.host) && !isLoopback(host)) throw unreachable(place, 'this computer', `it listens for ${host} itself only, and the connection to libvirt carries nothing else`, remedy);
  return await dial(place.host || host, place.port, { ...surroundings, report: () => undefined }, signal);
};
