// Hosts as the contract has them: what one is, and who is pinned where.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { isActive } from '../../app/domain/guest.ts';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { knobs } from '../../app/tuning/knobs.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { max } from '../libvirt/objects.ts';
import { isUnsupported } from '../libvirt/errors.ts';
import { remote } from '../libvirt/procedures.ts';
import { type Context, domOf } from './context.ts';
import type { HostSession } from './host-session.ts';
import type { Services } from './services.ts';

/** libvirt packs a version as 1,000,000 major + 1,000 minor + release. */
const versionOf = (packed: bigint): string => `${packed / 1_000_000n}.${(packed / 1_000n) % 1_000n}.${packed % 1_000n}`;

/** Guests whose definitions are read for the picture of pins; beyond, the picture would cost more than it tells. */
const mostPictured = 200;

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
    // Asked for by the number of the first and how many numbers; those that no cell has are left out of the answer.
    const numbers = Math.max(0, ...topology.cells.map((cell) => cell.id)) + 1;
    const free = await connection.call(remote.nodeGetCellsFreeMemory, { startCell: 0, maxcells: Math.min(numbers, max.nodeCells) }).catch((error: unknown) => {
      if (isUnsupported(error)) return { cells: [] };
      throw error;
    });
    return {
      hostname,
      libvirtVersion: versionOf(lib_ver),
      hypervisor: `${type} ${versionOf(hv_ver)}`,
      model: info.model,
      memoryKiB: info.memory,
      topology,
      freeKiB: Object.fromEntries(topology.cells.flatMap((cell, at) => (free.cells[at] === undefined ? [] : [[String(cell.id), Number(free.cells[at] / 1024n)]]))),
      pins: await pinsOf(session),
    };
  },
});

/** Running guests with pinned vCPUs, and all the CPUs their vCPUs are pinned to. */
const pinsOf = async (session: HostSession): Promise<{ readonly uuid: string; readonly name: string; readonly cpus: string }[]> => {
  const { inventory, facts } = session.reached;
  const running = inventory.list().filter((guest) => isActive(guest.state)).slice(0, mostPictured);
  const topology = await facts.topology();
  const pins = await Promise.all(
    running.map(async ({ uuid, name }) => {
      const live = (await facts.keptDefinitions(domOf({ uuid, name })))?.live ?? null;
      if (live === null) return [];
      const known = { ...unknownFacts(name), topology };
      const pinned = Object.values(knobs.vcpuPinning.read(DomainXml.parse(live), known)).filter((pin) => pin !== null);
      return pinned.length === 0 ? [] : [{ uuid, name, cpus: pinned.map((pin) => CpuSet.parse(pin)).reduce((all, one) => all.union(one), CpuSet.none).toString() }];
    }),
  );
  return pins.flat();
};
