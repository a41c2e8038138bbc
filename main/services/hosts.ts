// Hosts as the contract has them: what one is, and who is pinned where.
import { Refused } from '../../app/contract/refusal.ts';
import { type CpuKinds, lookAtCpus } from '../host/cpus.ts';
import type { Connection } from '../libvirt/connection.ts';
import { remote } from '../libvirt/procedures.ts';
import type { Context } from './context.ts';
import type { HostSession } from './host-session.ts';
import { freeMemoryOf, neighboursOf } from './pins.ts';
import type { Services } from './services.ts';

/** Milliseconds for a look at the kernel's files. */
const patience = 5_000;

/** libvirt packs a version as 1,000,000 major + 1,000 minor + release. */
export const versionOf = (packed: bigint): string => `${packed / 1_000_000n}.${(packed / 1_000n) % 1_000n}.${packed % 1_000n}`;

/** Asked once a connection: they change with a reboot. */
const kinds = new WeakMap<Connection, Promise<CpuKinds | null>>();

const cpuKindsOf = async (session: HostSession): Promise<CpuKinds | null> => {
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

export const hostServices = (context: Context): Services['hosts'] => ({
  describe: async ({ host }) => {
    const session = await context.session(host);
    const { connection, facts } = session.reached;
    const [{ hostname }, { hv_ver }, { lib_ver }, { type }, info, topology] = await Promise.all([
      connection.call(remote.connectGetHostname, {}),
      connection.call(remote.connectGetVersion, {}),
      connection.call(remote.connectGetLibVersion, {}),
      connection.call(remote.connectGetType, {}),
      facts.nodeInfo(),
      facts.topology(),
    ]);
    return {
      hostname,
      libvirtVersion: versionOf(lib_ver),
      hypervisor: `${type} ${versionOf(hv_ver)}`,
      model: info.model,
      memoryKiB: info.memory,
      topology,
      cpuKinds: await cpuKindsOf(session),
      freeKiB: await freeMemoryOf(session),
      pins: (await neighboursOf(session)).flatMap(({ uuid, name, cpus }) => (cpus.size === 0 ? [] : [{ uuid, name, cpus: cpus.toString() }])),
    };
  },
});
