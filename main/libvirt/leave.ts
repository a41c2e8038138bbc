// Ending a connection as the protocol has it: with a word to the daemon, which otherwise logs an error for every client that hangs up.
import { Refused } from '../../app/contract/refusal.ts';
import type { Connection } from './connection.ts';
import { remote } from './procedures.ts';

/** A daemon that is well answers in milliseconds; for one that is not nobody should wait. */
const patience = 1_000;

/**
 * Says CONNECT_CLOSE and lets the daemon hang up; calls still under way end with the connection. Resolves when the connection is
 * closed, after `limit` milliseconds at the latest; never rejects for a daemon that does not answer.
 */
export const leave = async (connection: Connection, limit = patience): Promise<void> => {
  if (!connection.isOpen) return;
  const late = setTimeout(() => connection.close(), limit);
  try {
    await connection.call(remote.connectClose, {}, { limit, owner: 'leave' });
    // Whoever hangs up first is the one that the other complains about.
    await connection.closed;
  } catch (error) {
    // Through some proxies the connection ends before the reply; and a daemon that refuses is left all the same.
    if (!(error instanceof Refused)) throw error;
  } finally {
    clearTimeout(late);
    connection.close();
  }
};
