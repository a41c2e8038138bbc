// The kinds of a connected host's CPUs, where its shell can be asked.
import { Refused } from '../../app/contract/refusal.ts';
import { type CpuKinds, lookAtCpus } from '../host/cpus.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { HostSession } from './host-session.ts';

/** Milliseconds for a look at the kernel's files. */
const patience = 5_000;

/** Asked once a connection: they change with a reboot. */
const kinds = new WeakMap<Connection, Promise<CpuKinds | null>>();

/** Isolated, tickless, fast and thrifty CPUs; null where there is no way to ask. */
export const cpuKindsOf = async (session: HostSession): Promise<CpuKinds | null> => {
  const { connection } = session.reached;
  const { run } = session;
  if (run === undefined) return null;
  const known = kinds.get(connection) ?? lookAtCpus(run, AbortSignal.timeout(patience)).catch(unknown);
  kinds.set(connection, known);
  return await known;
};

/** A login without a shell, or one that takes too long: the picture goes without. */
const unknown = (error: unknown): null => {
  if (error instanceof Refused) return null;
  throw error;
};
