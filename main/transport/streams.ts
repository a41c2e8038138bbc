// The streams a link has given out, so that closing the link ends them all.
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import { runWhileOpen } from './run.ts';
import type { Link } from './transport.ts';

/** A link whose streams share nothing: each `open` makes its own connection, and only `close` ends the link. `run` where there is a shell, `reach` where more than the daemon can be reached. */
export function linkOfOwnStreams(open: (signal: AbortSignal) => Promise<Duplex>, { run, reach }: Pick<Link, 'run' | 'reach'> = {}): Link {
  const streams = new Set<Duplex>();
  const closing = new AbortController();
  const closed = new Promise<null>((resolve) => closing.signal.addEventListener('abort', () => resolve(null)));
  /** What was opened ends with the link. */
  const held = async (opening: (signal: AbortSignal) => Promise<Duplex>, signal: AbortSignal): Promise<Duplex> => {
    if (closing.signal.aborted) throw new Refused('not-connected', 'The connection was closed.');
    const stream = await opening(AbortSignal.any([signal, closing.signal]));
    if (closing.signal.aborted) {
      stream.destroy();
      throw new Refused('not-connected', 'The connection was closed.');
    }
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
    return stream;
  };
  return {
    closed,
    ...(run !== undefined && { run: runWhileOpen(closing.signal, run) }),
    ...(reach !== undefined && { reach: async (place, signal) => await held(async (ended) => await reach(place, ended), signal) }),
    close: () => {
      closing.abort();
      for (const stream of streams) stream.destroy();
    },
    open: async (signal) => await held(open, signal),
  };
}
