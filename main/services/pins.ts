// Who is pinned where on a host, as far as its running guests tell, and what memory its nodes have free.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { isActive } from '../../app/domain/guest.ts';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { knobs } from '../../app/tuning/knobs.ts';
import type { Neighbour } from '../../app/tuning/placement.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { isUnsupported } from '../libvirt/errors.ts';
import { max } from '../libvirt/objects.ts';
import { remote } from '../libvirt/procedures.ts';
import { domOf } from './context.ts';
import type { HostSession } from './host-session.ts';

/** Guests whose definitions are read for the picture of pins; beyond, the picture would cost more than it tells. */
const mostPictured = 200;

/** The running guests of a host with the CPUs of their vCPUs; one without pins has none. */
export const neighboursOf = async (session: HostSession): Promise<readonly (Neighbour & { readonly uuid: string })[]> => {
  const { inventory, facts } = session.reached;
  const running = inventory.list().filter((guest) => isActive(guest.state)).slice(0, mostPictured);
  const topology = await facts.topology();
  const found = await Promise.all(
    running.map(async ({ uuid, name }) => {
      const live = (await facts.keptDefinitions(domOf({ uuid, name })))?.live ?? null;
      if (live === null) return [];
      const pins = Object.values(knobs.vcpuPinning.read(DomainXml.parse(live), { ...unknownFacts(name), topology })).flatMap((pin) => (pin === null ? [] : [CpuSet.parse(pin)]));
      const all = (sets: readonly CpuSet[]): CpuSet => CpuSet.of(sets.flatMap((set) => [...set]));
      return [{ uuid, name, cpus: all(pins), alone: all(pins.filter(({ size }) => size === 1)) }];
    }),
  );
  return found.flat();
};

/** KiB free by the id of the NUMA node; what the host does not tell is left out. */
export const freeMemoryOf = async (session: HostSession): Promise<Readonly<Record<string, number>>> => {
  const { connection, facts } = session.reached;
  const { cells } = await facts.topology();
  // Asked for by the number of the first and how many numbers; those that no cell has are left out of the answer.
  const numbers = Math.max(0, ...cells.map((cell) => cell.id)) + 1;
  const free = await connection.call(remote.nodeGetCellsFreeMemory, { startCell: 0, maxcells: Math.min(numbers, max.nodeCells) }).catch((error: unknown) => {
    if (isUnsupported(error)) return { cells: [] };
    throw error;
  });
  return Object.fromEntries(cells.flatMap((cell, at) => (free.cells[at] === undefined ? [] : [[String(cell.id), Number(free.cells[at] / 1024n)]])));
};
