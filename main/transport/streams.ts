// The streams a link has given out, so that closing the link ends them all.
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';
import { runWhileOpen } from './run.ts';
import type { Link } from './transport.ts';

/** A link whose streams share nothing: each `open` makes its own connection, and only `close` ends the link. `run` where there is a shell. */
export function linkOfOwnStreams(open: (signal: AbortSignal) => Promise<Duplex>, run?: Link['run']): Link {
  const streams = new Set<Duplex>();
  const closing = new AbortController();
  const closed = new Promise<null>((resolve) => closing.signal.addEventListener('abort', () => resolve(null)));
  return {
    closed,
    ...(run !== undefined && { run: runWhileOpen(closing.signal, run) }),
    close: () => {
      closing.abort();
      for (const stream of streams) stream.destroy();
    },
    open: async (signal) => {
      if (closing.signal.aborted) throw new Refused('not-connected', 'The connection was closed.');
      const stream = await open(AbortSignal.any([signal, closing.signal]));
      if (closing.signal.aborted) {
        stream.destroy();
        throw new Refused('not-connected', 'The connection was closed.');
      }
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return stream;
    },
  };
}
