// What a host itself does: how busy its CPUs are and how its memory is used, by its own counters.
import type { Connection } from '../libvirt/connection.ts';
import { isUnsupported, LibvirtError } from '../libvirt/errors.ts';
import { remote } from '../libvirt/procedures.ts';
import type { HostSession } from './host-session.ts';
import { hostCpuLoad } from './rates.ts';

type CpuTimes = Readonly<Record<string, bigint>>;
type Told = Readonly<Record<string, bigint>>;

/** VIR_NODE_MEMORY_STATS_ALL_CELLS */
const allCells = -1;

/** The use of a host's memory, in KiB; of each NUMA node by its id what is not free there. Null where the host does not tell. */
interface HostMemory {
  readonly used: number | null;
  readonly caches: number | null;
  readonly nodes: ReadonlyMap<number, number | null>;
}

/** A CPU or a cell that went since the topology was read is an invalid argument; a guest may have stopped, a driver may not tell. */
export const offline = (error: unknown): null => {
  if (error instanceof LibvirtError) return null;
  throw error;
};

const recordOf = (params: readonly { readonly field: string; readonly value: bigint }[]): Told => Object.fromEntries(params.map(({ field, value }) => [field, value]));
const less = (whole: bigint | undefined, ...parts: readonly (bigint | undefined)[]): number | null =>
  whole === undefined || parts.includes(undefined) ? null : Math.max(0, Number(parts.reduce<bigint>((left, part) => left - (part ?? 0n), whole)));

export class HostCounters {
  #cpusBefore: readonly CpuTimes[] = [];
  /** How many fields each cell has: it has to be asked for before. */
  #memoryFields = new Map<number, number>();

  /** What comes next may be of another daemon, or after a sleep. */
  forget(): void {
    this.#cpusBefore = [];
    this.#memoryFields = new Map();
  }

  /** Loads 0..1 by CPU number since the time before; null without the driver's support. */
  async cpus({ reached: { connection, facts } }: HostSession): Promise<(number | null)[] | null> {
    const topology = await facts.topology();
    const ids = topology.cells.flatMap((cell) => cell.cpus.map((cpu) => cpu.id));
    const ask = async (cpuNum: number, nparams: number) => await connection.call(remote.nodeGetCpuStats, { cpuNum, nparams, flags: 0 }, { owner: 'live' });
    const first = ids[0];
    if (first === undefined) return null;
    // The exact number of fields has to be asked for first.
    const count = await ask(first, 0).catch((error: unknown) => {
      if (isUnsupported(error)) return null;
      throw error;
    });
    if (count === null) return null;
    const times: CpuTimes[] = [];
    await Promise.all(ids.map(async (id) => {
      const told = await ask(id, count.nparams).catch(offline);
      if (told !== null) times[id] = recordOf(told.params);
    }));
    const before = this.#cpusBefore;
    this.#cpusBefore = times;
    return Array.from(times, (now, id) => (now === undefined ? null : hostCpuLoad(now, before[id] ?? null)));
  }

  /** How the memory is used at this moment. */
  async memory({ reached: { connection, facts } }: HostSession): Promise<HostMemory> {
    const { cells } = await facts.topology();
    const [all, ...each] = await Promise.all([allCells, ...cells.map(({ id }) => id)].map(async (cell) => await this.#memoryOf(connection, cell)));
    return {
      used: less(all?.['total'], all?.['free'], all?.['buffers'], all?.['cached']),
      caches: all?.['buffers'] === undefined || all['cached'] === undefined ? null : Number(all['buffers'] + all['cached']),
      nodes: new Map(cells.map(({ id }, place) => [id, less(each[place]?.['total'], each[place]?.['free'])])),
    };
  }

  async #memoryOf(connection: Connection, cellNum: number): Promise<Told | null> {
    const ask = async (nparams: number) => await connection.call(remote.nodeGetMemoryStats, { cellNum, nparams, flags: 0 }, { owner: 'live' }).catch(offline);
    const known = this.#memoryFields.get(cellNum) ?? (await ask(0))?.nparams;
    if (known === undefined) return null;
    this.#memoryFields.set(cellNum, known);
    const told = await ask(known);
    return told === null ? null : recordOf(told.params);
  }
}

/** What is kept of a host, by the names of its series: CPUs' worth of load, KiB of memory. */
export const hostNumbers = function* (cpus: readonly (number | null)[] | null, memory: HostMemory | null): Generator<readonly [name: string, value: number | null]> {
  if (memory !== null) {
    yield ['memoryUsedKiB', memory.used];
    yield ['memory.caches', memory.caches];
    for (const [node, used] of memory.nodes) yield [`node.${node}`, used];
  }
  if (cpus === null) return;
  const known = cpus.filter((load) => load !== null);
  yield ['cpu', known.length === 0 ? null : known.reduce((sum, load) => sum + load, 0)];
  for (const [cpu, load] of cpus.entries()) yield [`cpu.${cpu}`, load];
};
