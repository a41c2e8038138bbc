// Reads so many bytes of a stream that nobody reads otherwise, and leaves what follows in it.
import type { Duplex } from 'node:stream';
import { Refused } from '../../app/contract/refusal.ts';

/** @throws Refused `connection-lost` when the stream ends first, its own error, or the signal's reason. */
export const take = async (stream: Duplex, length: number, signal: AbortSignal): Promise<Buffer> => {
  if (length === 0) return Buffer.alloc(0);
  return await new Promise((resolve, reject) => {
    const events = ['readable', 'end', 'close', 'error'] as const;
    const settle = (): void => {
      for (const event of events) stream.off(event, look);
      signal.removeEventListener('abort', look);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const look = (): void => {
      if (signal.aborted) return fail(signal.reason);
      const bytes: unknown = stream.read(length);
      // Less than was asked for comes only at the end.
      if (bytes instanceof Buffer && bytes.length === length) {
        settle();
        resolve(bytes);
      } else if (bytes !== null || stream.readableEnded || stream.destroyed) fail(stream.errored ?? new Refused('connection-lost', 'The other side hung up.'));
    };
    for (const event of events) stream.on(event, look);
    signal.addEventListener('abort', look);
    look();
  });
};
