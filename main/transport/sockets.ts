// Small facts about sockets and their errors that every transport needs.
import type { Socket } from 'node:net';

/** Resolves once the socket is connected; destroys it and rejects when it fails or the signal aborts. */
export function connected(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
    };
    const onConnect = (): void => {
      settle();
      resolve();
    };
    const onError = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    socket.once('connect', onConnect).once('error', onError);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

/** The system's or a library's code of an error, such as `ECONNREFUSED`; empty when it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** An error in words that fit into a sentence. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
