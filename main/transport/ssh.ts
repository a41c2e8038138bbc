// The transport over SSH: one session for a host, one channel for each stream to its daemon.
import type { Duplex } from 'node:stream';
import { Refused, type Refusal } from '../../app/contract/refusal.ts';
import { uriParameter, type ConnectionUri } from '../../app/domain/connection-uri.ts';
import { describeWay, openWay, waysToDaemon, type Way } from './ssh-daemon.ts';
import { posixCommand, runCommand, runWhileOpen } from './run.ts';
import { findRoute } from './ssh-route.ts';
import { reachFrom } from './far-place.ts';
import { sessionLost, type SshReach } from './ssh-reach.ts';
import { openRoute } from './ssh-session.ts';
import { reasonForProgram } from './ssh-needs.ts';
import { openProgram } from './ssh-program.ts';
import { runStage, type Found, type Step } from './stages.ts';
import type { Link, OpenTransport, Surroundings } from './transport.ts';

/** Logs in once; every stream is a channel of that session. SSH's own keepalive is off: libvirt's finds a dead peer. */
export const openSsh: OpenTransport = async (uri, surroundings, signal) => {
  const possible = waysToDaemon(uri, surroundings.readOnly);
  const session = await openReach(uri, surroundings, signal);
  const ways = session.forward === undefined ? possible.filter(({ kind }) => kind !== 'forward') : possible;
  const streams = new Set<Duplex>();
  const closing = new AbortController();
  /** The way that worked is taken straight away for the next stream. */
  let proven: Way | undefined;

  const closed = session.ended.then((error): Refusal | null => {
    const lost = closing.signal.aborted ? null : sessionLost(session, error);
    for (const stream of streams) stream.destroy(lost ?? undefined);
    return lost === null ? null : lost.refusal;
  });

  const held = (stream: Duplex): Duplex => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
    return stream;
  };
  const link: Link = {
    closed,
    close: () => {
      closing.abort();
      for (const stream of streams) stream.destroy();
      session.close();
    },
    run: runWhileOpen(closing.signal, async (command, options) => {
      const place = { stage: 'login', host: session.host, ...(session.explain !== undefined && { explain: session.explain }) } as const;
      const hasFallen = async (): Promise<boolean> => (await session.stands?.(options.signal)) === false;
      const ran = await runCommand((stop) => session.exec(posixCommand(command), stop), place, options).catch(async (error: unknown) => {
        // A command that was not heard to begin may have been refused, or its session be gone before it was.
        const isLost = session.isOver() || (error instanceof Refused && error.refusal.code === 'command-refused' && (await hasFallen()));
        throw isLost ? sessionLost(session) : error;
      });
      // Without a code of its own (the ssh program makes 255 of that) a command has not ended: its session has.
      const isLost = ran.code === 255 ? await hasFallen() : ran.code === null && ran.signal === undefined;
      if (isLost) throw sessionLost(session);
      return ran;
    }),
    open: async (caller) => {
      if (closing.signal.aborted) throw new Refused('not-connected', 'The connection was closed.');
      if (session.isOver()) throw sessionLost(session);
      const subject = {
        stage: 'socket',
        doing: `Reaching the libvirt daemon on ${session.host}`,
        remedy: 'The SSH server answers no more; connect again.',
      } as const;
      const stream = await runStage(subject, surroundings, AbortSignal.any([caller, closing.signal]), async (step) => {
        const found = await openFirst(session, proven === undefined ? ways : [proven], step);
        proven = found.way;
        return found;
      });
      return held(stream);
    },
    reach: async (place, caller) => {
      if (closing.signal.aborted) throw new Refused('not-connected', 'The connection was closed.');
      return held(await reachFrom(session, place, AbortSignal.any([caller, closing.signal])));
    },
  };
  return link;
};

/** By ssh2 where it can do what the route asks for, else, or when `command=` names it, by the ssh program. */
async function openReach(uri: ConnectionUri, surroundings: Surroundings, signal: AbortSignal): Promise<SshReach> {
  const route = await findRoute(uri, surroundings, signal);
  const command = uriParameter(uri, 'command');
  const reason = command === undefined ? await reasonForProgram(route, surroundings.home) : 'command= in the connection URI';
  if (reason !== undefined) return await openProgram(command ?? 'ssh', reason, route, surroundings, signal);
  try {
    return await openRoute(route, surroundings, signal);
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'ssh-algorithms') throw error;
    // A server may speak only what came after ssh2, such as post-quantum key exchange.
    return await openProgram('ssh', 'the algorithms of the server', route, surroundings, signal);
  }
}

/** Tries the ways in their order, and when none works tells what came of each. */
async function openFirst(session: SshReach, ways: readonly Way[], step: Step): Promise<Found<Duplex> & { readonly way: Way }> {
  const refusals: Refusal[] = [];
  for (const way of ways) {
    try {
      return { way, value: await openWay(session, way, step.signal), seen: describeWay(way) };
    } catch (error) {
      if (!(error instanceof Refused) || step.signal.aborted) throw error;
      if (session.isOver()) throw sessionLost(session);
      refusals.push(error.refusal);
    }
  }
  const isDenied = refusals.some(({ code }) => code === 'socket-denied');
  throw new Refused(
    isDenied ? 'socket-denied' : 'socket-missing',
    `No libvirt daemon could be reached on ${session.host}: ${refusals.map(({ message }) => message).join('; ')}.`,
    {
      stage: 'socket',
      remedy: isDenied
        ? 'Add the user to the group libvirt on the host (usermod -aG libvirt USER) and connect again.'
        : 'Start libvirt on the host (systemctl start libvirtd.socket); allow AllowStreamLocalForwarding in sshd_config, or install netcat-openbsd.',
    },
  );
}
