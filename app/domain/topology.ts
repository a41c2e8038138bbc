// The host's CPUs and memory as they lie: NUMA cells, their cores and threads, distances and hugepages. JSON, so that it crosses processes.
import { cpuIndex, kib, type CpuIndex } from './brands.ts';
import { CpuSet } from './cpu-set.ts';
import { z } from './schema.ts';

const count = z.int().min(0);
const index = count.transform(cpuIndex);
const memory = count.transform(kib);

/** One logical CPU that is online. `die` is 0 where the host tells none. */
export const hostCpu = z.strictObject({
  id: index,
  socket: count,
  die: count,
  core: count,
  /** The hardware threads of its core, itself included, as a canonical cpuset. */
  siblings: z.string(),
}).readonly();
export type HostCpu = z.infer<typeof hostCpu>;

export const numaCell = z.strictObject({
  id: count,
  /** KiB; null when the host does not tell. */
  memory: memory.nullable(),
  /** To each cell, itself included, as the firmware tells them: 10 is local. */
  distances: z.array(z.strictObject({ cell: count, value: count }).readonly()).readonly(),
  /** Page size in KiB → pages the cell has of it, the usual size included. */
  pages: z.array(z.strictObject({ size: memory, count }).readonly()).readonly(),
  cpus: z.array(hostCpu).readonly(),
}).readonly();
export type NumaCell = z.infer<typeof numaCell>;

export const topology = z.strictObject({
  cells: z.array(numaCell).readonly(),
  /** The online CPUs as a canonical cpuset; empty when the host tells nothing. */
  all: z.string(),
  /** CPUs the host has but keeps offline, as a canonical cpuset. */
  offline: z.string(),
}).readonly();
export type Topology = z.infer<typeof topology>;

/** One core: its place and its hardware threads. */
export interface Core {
  readonly socket: number;
  readonly die: number;
  readonly core: number;
  readonly threads: readonly CpuIndex[];
}

/** The CPUs that guests can run on. */
export const onlineCpus = (of: Topology): CpuSet => (of.all === '' ? CpuSet.none : CpuSet.parse(of.all));

/** The CPUs that are there but offline. */
export const offlineCpus = (of: Topology): CpuSet => (of.offline === '' ? CpuSet.none : CpuSet.parse(of.offline));

/** The cores of a cell by socket, die and core number. Threads belong together by `siblings`: core numbers repeat on some machines. */
export function coresOf(cell: NumaCell): readonly Core[] {
  const cores = new Map<string, Core>();
  for (const { id, socket, die, core, siblings } of cell.cpus.toSorted((one, other) => one.id - other.id)) {
    cores.set(siblings, { socket, die, core, threads: [...(cores.get(siblings)?.threads ?? []), id] });
  }
  return [...cores.values()].toSorted((one, other) => one.socket - other.socket || one.die - other.die || one.core - other.core);
}

/** A topology from its cells; the sets of CPUs follow from them. */
export const topologyOf = (cells: readonly NumaCell[], offline: CpuSet = CpuSet.none): Topology => ({
  cells,
  all: CpuSet.of(cells.flatMap((cell) => cell.cpus.map((cpu) => cpu.id))).toString(),
  offline: offline.toString(),
});

/** What NODE_GET_INFO answers (virNodeInfo). */
export interface NodeInfo {
  /** CPUs that are online. */
  readonly cpus: number;
  /** KiB. */
  readonly memory: number;
  readonly nodes: number;
  /** Sockets per node, cores per socket, threads per core. */
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}

/**
 * The best guess when capabilities hold no topology: one cell, CPUs numbered from 0, threads of a core side by side.
 * When the counts do not multiply to the CPUs online, every CPU is its own core, since nothing better is known.
 */
export function topologyFromNodeInfo(info: NodeInfo): Topology {
  const told = info.nodes * info.sockets * info.cores * info.threads === info.cpus;
  const threads = told ? info.threads : 1;
  const cores = told ? info.cores : Math.max(info.cpus, 1);
  const cpus = Array.from({ length: info.cpus }, (_, id): HostCpu => {
    const core = Math.floor(id / threads);
    return {
      id: cpuIndex(id),
      socket: Math.floor(core / cores),
      die: 0,
      core: core % cores,
      siblings: CpuSet.range(core * threads, core * threads + threads - 1).toString(),
    };
  });
  return topologyOf([{ id: 0, memory: kib(info.memory), distances: [], pages: [], cpus }]);
}
