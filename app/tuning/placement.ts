// Placing guests on a host's CPUs by policy: near their memory, with the least fragmentation, or a reason why not.
import type { KiB } from '../domain/brands.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import { coresOf, onlineCpus, type NumaCell, type Topology } from '../domain/topology.ts';

/** `dedicated`: each vCPU has a CPU that nobody else has. `shared`: all vCPUs float over the CPUs of a node that nobody has alone. */
export const placementPolicies = ['shared', 'dedicated'] as const;
export type PlacementPolicy = (typeof placementPolicies)[number];

/**
 * What dedicated vCPUs do with the threads of a core. `prefer`: fill whole cores where they can. `require`: only whole cores.
 * `isolate`: one vCPU a core, its other threads stay empty.
 */
export const siblingPolicies = ['prefer', 'isolate', 'require'] as const;
export type SiblingPolicy = (typeof siblingPolicies)[number];

/** A guest to be placed. */
export interface PlacementGuest {
  readonly id: string;
  readonly name: string;
  /** How many vCPUs it may have, numbered from 0. */
  readonly vcpus: number;
  /** vCPUs of each of its NUMA cells, which stay together; empty = it has none. vCPUs in no cell are a group of their own. */
  readonly cells: readonly (readonly number[])[];
  /** null = not known. */
  readonly memory: KiB | null;
  readonly policy: PlacementPolicy;
  /** Counts for dedicated ones only. */
  readonly siblings: SiblingPolicy;
}

/** Where a guest that is not placed anew is pinned. */
export interface Neighbour {
  readonly name: string;
  /** All CPUs that its vCPUs are pinned to; empty = it floats. */
  readonly cpus: CpuSet;
  /** Those that one vCPU has alone. */
  readonly alone: CpuSet;
}

export interface PlacementHost {
  readonly topology: Topology;
  /** CPUs that no vCPU is put on. */
  readonly kept: CpuSet;
  readonly neighbours: readonly Neighbour[];
  /** KiB free by the id of the NUMA node; what is left out is not known. */
  readonly freeKiB: Readonly<Record<string, number>>;
}

export type Placement =
  | {
    readonly id: string;
    readonly outcome: 'placed';
    /** By the vCPU's number. */
    readonly vcpus: readonly CpuSet[];
    /** For the emulator and for every I/O thread. */
    readonly spare: CpuSet;
    /** NUMA nodes of the vCPUs. */
    readonly nodes: readonly number[];
    /** What the policy could not do as well as wished. */
    readonly notes: readonly string[];
  }
  | { readonly id: string; readonly outcome: 'refused'; readonly reason: string };

/**
 * Reads which CPUs are kept for the host: a cpuset (`0-1`), or one that only takes away (`^0,^1`), which means the same CPUs.
 * @throws CpuSetError
 */
export function keptCpus(text: string, topology: Topology): CpuSet {
  const trimmed = text.trim();
  if (trimmed === '') return CpuSet.none;
  if (!trimmed.startsWith('^')) return CpuSet.parse(trimmed);
  const all = CpuSet.range(0, Math.max(onlineCpus(topology).highest, 0));
  return onlineCpus(topology).without(CpuSet.parse(`${all.toString()},${trimmed}`));
}

/** The first cores of every NUMA node, with all their threads. */
export const keptPerNode = (topology: Topology, cores: number): CpuSet =>
  CpuSet.of(topology.cells.flatMap((cell) => coresOf(cell).slice(0, cores).flatMap(({ threads }) => threads)));

/** A core while guests are placed: which of its threads are still free for a vCPU of its own. */
interface FreeCore {
  readonly die: string;
  readonly threads: readonly number[];
  readonly free: readonly number[];
}

/** What a group of vCPUs would get: a CPU each, and threads that stay empty beside them. */
interface Taken {
  readonly cpus: readonly number[];
  readonly blocked: readonly number[];
}

/** The state of the host while guests are placed one after the other. */
interface Board {
  readonly host: PlacementHost;
  readonly nodes: readonly NumaCell[];
  /** CPUs that are not free for a vCPU of its own any more. */
  taken: CpuSet;
  /** CPUs that some vCPU has alone, or that stay empty beside it: nothing else goes there. */
  alone: CpuSet;
  /** Shared vCPUs by node. */
  readonly floating: Map<number, number>;
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const isWhole = ({ threads, free }: FreeCore): boolean => free.length === threads.length;
const freeIn = (cores: readonly FreeCore[]): number => cores.reduce((sum, { free }) => sum + free.length, 0);

/**
 * Places guests: dedicated ones first, larger before smaller, then by name. The same question gives the same answer.
 * One guest that finds no place takes nothing from the others. Answers are in the order of the question.
 */
export function place(host: PlacementHost, guests: readonly PlacementGuest[]): readonly Placement[] {
  const nodes = host.topology.cells.filter(({ cpus }) => cpus.length > 0).toSorted((one, other) => one.id - other.id);
  const board: Board = {
    host,
    nodes,
    taken: host.neighbours.reduce((all, { cpus }) => all.union(cpus), host.kept),
    alone: host.neighbours.reduce((all, { alone }) => all.union(alone), CpuSet.none),
    floating: new Map(nodes.map(({ id, cpus }) => [id, host.neighbours.filter((neighbour) => cpus.some((cpu) => neighbour.cpus.has(cpu.id) && !neighbour.alone.has(cpu.id))).length])),
  };
  const order = guests.toSorted((one, other) => rank(one) - rank(other) || other.vcpus - one.vcpus || compare(one.name, other.name) || compare(one.id, other.id));
  const found = new Map(order.map((guest) => [guest.id, guest.policy === 'dedicated' ? placeDedicated(board, guest) : placeShared(board, guest)]));
  // Spare CPUs are known only when every dedicated guest has its own.
  return guests.map((guest): Placement => {
    const one = found.get(guest.id);
    if (one === undefined || typeof one === 'string') return { id: guest.id, outcome: 'refused', reason: one ?? 'It was not asked for.' };
    const { spare, note } = spareFor(board, one);
    const notes = [...one.notes, ...(note === null ? [] : [note])];
    return { id: guest.id, outcome: 'placed', vcpus: one.vcpus, spare, nodes: nodesOf(board, one.vcpus), notes };
  });
}

const rank = ({ policy }: PlacementGuest): number => (policy === 'dedicated' ? 0 : 1);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

interface Found {
  readonly vcpus: readonly CpuSet[];
  readonly notes: readonly string[];
}

const nodesOf = ({ nodes }: Board, vcpus: readonly CpuSet[]): readonly number[] =>
  nodes.filter(({ cpus }) => vcpus.some((set) => cpus.some(({ id }) => set.has(id)))).map(({ id }) => id);

/** The guest's cells as groups that stay together; without cells all vCPUs are one group. */
const groupsOf = ({ vcpus, cells }: PlacementGuest): readonly (readonly number[])[] => {
  const all = Array.from({ length: vcpus }, (_, vcpu) => vcpu);
  const inCells = cells.map((cell) => cell.filter((vcpu) => vcpu < vcpus));
  const rest = all.filter((vcpu) => !inCells.some((cell) => cell.includes(vcpu)));
  return [...inCells, rest].filter((group) => group.length > 0);
};

function placeDedicated(board: Board, guest: PlacementGuest): Found | string {
  if (guest.vcpus < 1) return 'It has no vCPUs.';
  const before = { taken: board.taken, alone: board.alone };
  const pins: CpuSet[] = [];
  const notes = new Set<string>();
  for (const group of groupsOf(guest)) {
    const spot = spotFor(board, guest, group.length);
    if (typeof spot === 'string') {
      Object.assign(board, before);
      return spot;
    }
    const { cpus, blocked } = spot.taken;
    group.forEach((vcpu, index) => (pins[vcpu] = CpuSet.of(cpus.slice(index, index + 1))));
    board.taken = board.taken.union(CpuSet.of([...cpus, ...blocked]));
    board.alone = board.alone.union(CpuSet.of([...cpus, ...blocked]));
    for (const note of spot.notes) notes.add(note);
  }
  const floats = board.host.neighbours.filter(({ cpus }) => cpus.size === 0);
  if (floats.length > 0) notes.add(`${floats.length === 1 ? floats[0]?.name : plural(floats.length, 'guest')} without pins may still run on these CPUs.`);
  return { vcpus: pins, notes: [...notes] };
}

interface Spot {
  readonly taken: Taken;
  readonly notes: readonly string[];
}

/** Where a group of vCPUs goes: one node when one has room, else as few near nodes as do. */
function spotFor(board: Board, guest: PlacementGuest, count: number): Spot | string {
  const impossible = neverFits(board, guest, count);
  if (impossible !== null) return impossible;
  const sets = nodeSets(board.nodes);
  for (let size = 1; size <= board.nodes.length; size += 1) {
    const candidates = sets.filter((nodes) => nodes.length === size).flatMap((nodes) => {
      const cores = nodes.flatMap((node) => bestFitFirst(coresIn(board, node), count));
      const taken = take(cores, count, guest.siblings);
      return taken === null ? [] : [{ taken, nodes, left: freeIn(cores) - taken.cpus.length - taken.blocked.length, short: lacksMemory(board, guest, nodes) }];
    });
    const [best] = candidates.toSorted((one, other) => Number(one.short) - Number(other.short) || one.left - other.left);
    if (best !== undefined) {
      const ids = best.nodes.map(({ id }) => id).toSorted((one, other) => one - other);
      return {
        taken: best.taken,
        notes: [
          ...(ids.length > 1 ? [`No NUMA node has room for ${plural(count, 'vCPU')}: they lie on nodes ${ids.join(', ')}.`] : []),
          ...(best.short ? [`NUMA node${ids.length === 1 ? '' : 's'} ${ids.join(', ')} ${ids.length === 1 ? 'has' : 'have'} less memory free than the guest may use.`] : []),
        ],
      };
    }
  }
  const cores = board.nodes.flatMap((node) => coresIn(board, node));
  const whole = cores.filter(isWhole).length;
  const need = `${plural(count, 'vCPU')} of its own`;
  return guest.siblings === 'prefer'
    ? `It needs ${plural(count, 'CPU')} of its own, and the host has ${freeIn(cores)} free.`
    : `It needs whole cores for ${need}, and the host has ${plural(whole, 'core')} entirely free.`;
}

/** What no free CPU would change. */
function neverFits({ nodes }: Board, { siblings }: PlacementGuest, count: number): string | null {
  if (siblings !== 'require') return null;
  const threads = [...new Set(nodes.flatMap((node) => coresOf(node).map((core) => core.threads.length)))].filter((each) => each > 1);
  if (threads.length === 0) return 'The host’s cores have one thread each, so there are no siblings to require.';
  if (threads.some((each) => count % each === 0)) return null;
  return `${plural(count, 'vCPU')} do not fill cores of ${threads.join(' or ')} threads. Choose another sibling policy or number of vCPUs.`;
}

const lacksMemory = ({ host }: Board, { memory }: PlacementGuest, nodes: readonly NumaCell[]): boolean => {
  const free = nodes.map(({ id }) => host.freeKiB[`${id}`]);
  return memory !== null && free.every((each) => each !== undefined) && free.reduce((sum, each) => sum + (each ?? 0), 0) < memory;
};

/** Every node alone, and from each node the ones nearest to it, one more at a time. */
function nodeSets(nodes: readonly NumaCell[]): readonly (readonly NumaCell[])[] {
  return nodes.flatMap((start) => {
    const distance = (to: NumaCell): number => (to === start ? 0 : (start.distances.find(({ cell }) => cell === to.id)?.value ?? 20));
    const near = nodes.toSorted((one, other) => distance(one) - distance(other) || one.id - other.id);
    return near.map((_, index) => near.slice(0, index + 1));
  });
}

const coresIn = ({ taken }: Board, node: NumaCell): readonly FreeCore[] =>
  coresOf(node).map(({ socket, die, threads }) => ({ die: `${socket}/${die}`, threads, free: threads.filter((cpu) => !taken.has(cpu)) }));

/** The die that the group fills best before the others: its CPUs share a cache. Where none is enough, the emptiest first. */
function bestFitFirst(cores: readonly FreeCore[], count: number): readonly FreeCore[] {
  const dies = [...new Set(cores.map(({ die }) => die))].map((die) => cores.filter((core) => core.die === die));
  const cost = (die: readonly FreeCore[]): number => (freeIn(die) >= count ? freeIn(die) - count : 1_000_000 - freeIn(die));
  return dies.toSorted((one, other) => cost(one) - cost(other)).flat();
}

/** Takes CPUs for a group by its sibling policy, in the order of the cores; null when there are not enough. */
function take(cores: readonly FreeCore[], count: number, siblings: SiblingPolicy): Taken | null {
  const whole = cores.filter(isWhole);
  if (siblings === 'isolate') {
    const own = whole.slice(0, count);
    return own.length < count ? null : { cpus: own.flatMap(({ threads }) => threads.slice(0, 1)), blocked: own.flatMap(({ threads }) => threads.slice(1)) };
  }
  if (siblings === 'require') {
    for (const threads of [...new Set(whole.map((core) => core.threads.length))].filter((each) => each > 1 && count % each === 0).toSorted((one, other) => other - one)) {
      const own = whole.filter((core) => core.threads.length === threads).slice(0, count / threads);
      if (own.length === count / threads) return { cpus: own.flatMap((core) => core.threads), blocked: [] };
    }
    return null;
  }
  if (freeIn(cores) < count) return null;
  const cpus: number[] = [];
  const used = new Set<FreeCore>();
  const occupy = (core: FreeCore): void => {
    used.add(core);
    cpus.push(...core.free.slice(0, count - cpus.length));
  };
  for (const core of whole) if (core.threads.length <= count - cpus.length) occupy(core);
  // What is left over goes beside others first, so that whole cores stay whole.
  const rest = [...cores.filter((core) => !isWhole(core)).toSorted((one, other) => one.free.length - other.free.length), ...whole];
  for (const core of rest) if (cpus.length < count && !used.has(core)) occupy(core);
  return { cpus, blocked: [] };
}

/** Shared vCPUs float over all CPUs of the least loaded node that nobody has alone; over more nodes when one has fewer CPUs than the guest. */
function placeShared(board: Board, guest: PlacementGuest): Found | string {
  if (guest.vcpus < 1) return 'It has no vCPUs.';
  const closed = board.alone.union(board.host.kept);
  const before = [...board.floating];
  const pins: CpuSet[] = [];
  const notes = new Set<string>();
  for (const group of groupsOf(guest)) {
    const pools = nodeSets(board.nodes).map((nodes) => {
      const cpus = CpuSet.of(nodes.flatMap((node) => node.cpus.map(({ id }) => id))).without(closed);
      const load = nodes.reduce((sum, { id }) => sum + (board.floating.get(id) ?? 0), 0);
      return { nodes, cpus, load: cpus.size === 0 ? Number.POSITIVE_INFINITY : (load + group.length) / cpus.size, short: lacksMemory(board, guest, nodes) };
    });
    const [pool] = pools.filter(({ cpus }) => cpus.size >= group.length)
      .toSorted((one, other) => one.nodes.length - other.nodes.length || Number(one.short) - Number(other.short) || one.load - other.load);
    if (pool === undefined) {
      for (const [node, load] of before) board.floating.set(node, load);
      const all = onlineCpus(board.host.topology).without(closed);
      return `It has ${plural(group.length, 'vCPU')}, and the host has ${plural(all.size, 'CPU')} to share.`;
    }
    for (const vcpu of group) pins[vcpu] = pool.cpus;
    for (const { id } of pool.nodes) board.floating.set(id, (board.floating.get(id) ?? 0) + group.length / pool.nodes.length);
    const ids = pool.nodes.map(({ id }) => id).toSorted((one, other) => one - other).join(', ');
    if (pool.nodes.length > 1) notes.add(`No NUMA node has ${plural(group.length, 'CPU')} to share: the vCPUs float over nodes ${ids}.`);
    if (pool.short) notes.add(`NUMA node ${ids} has less memory free than the guest may use.`);
  }
  return { vcpus: pins, notes: [...notes] };
}

/** CPUs for emulator and I/O threads: near, had by nobody alone, rather not those kept for the host. */
function spareFor({ host, nodes, alone }: Board, { vcpus }: Found): { readonly spare: CpuSet; readonly note: string | null } {
  const own = vcpus.reduce((all, set) => all.union(set), CpuSet.none);
  const near = CpuSet.of(nodes.filter(({ cpus }) => cpus.some(({ id }) => own.has(id))).flatMap(({ cpus }) => cpus.map(({ id }) => id)));
  const all = onlineCpus(host.topology);
  const choices = [near.without(alone).without(host.kept), near.intersection(host.kept).without(alone), all.without(alone).without(host.kept), all.without(alone)];
  const spare = choices.find((set) => set.size > 0);
  if (spare !== undefined) return { spare, note: null };
  return { spare: own, note: 'No CPU is spare, so the emulator and I/O threads run on the vCPUs’ own CPUs. Keep a CPU for the host to avoid that.' };
}
