// Placing guests on a host's CPUs by policy: near their memory, with the least fragmentation, or a reason why not.
import type { KiB } from '../domain/brands.ts';
import { CpuSet } from '../domain/cpu-set.ts';
import { coresOf, onlineCpus, type NumaCell, type Topology } from '../domain/topology.ts';
import { bestFitFirst, type FreeCore, freeIn, isWhole, type SiblingPolicy, take, type Taken, within } from './free-cores.ts';

/** `dedicated`: each vCPU has a CPU that nobody else has. `shared`: all vCPUs float over the CPUs of a node that nobody has alone. */
export const placementPolicies = ['shared', 'dedicated'] as const;
export type PlacementPolicy = (typeof placementPolicies)[number];

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
  /** CPUs among which the kernel moves nothing (`isolcpus`): for vCPUs of their own, and for nothing that floats. */
  readonly isolated: CpuSet;
  /** Thrifty cores of a hybrid processor. */
  readonly efficient: CpuSet;
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
  for (const note of kindNotes(board, pins.reduce((all, set) => all.union(set), CpuSet.none))) notes.add(note);
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
  const pools = poolsOf(board);
  for (let size = 1; size <= board.nodes.length; size += 1) {
    const candidates = sets.filter((nodes) => nodes.length === size).flatMap((nodes) => pools.flatMap((pool, rank) => {
      const cores = nodes.flatMap((node) => bestFitFirst(within(coresIn(board, node), pool), count)).toSorted((one, other) => worth(board, other) - worth(board, one));
      const taken = take(cores, count, guest.siblings);
      return taken === null ? [] : [{ taken, nodes, rank, left: freeIn(cores) - taken.cpus.length - taken.blocked.length, short: lacksMemory(board, guest, nodes) }];
    }));
    const [best] = candidates.toSorted((one, other) => Number(one.short) - Number(other.short) || one.rank - other.rank || one.left - other.left);
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

/** Sets of CPUs in the order in which dedicated vCPUs are put on them: isolated and fast ones, isolated ones, fast ones, any. */
function poolsOf({ host: { topology, isolated, efficient } }: Board): readonly CpuSet[] {
  const all = onlineCpus(topology);
  const fast = all.without(efficient);
  const pools = [isolated.intersection(fast), isolated, fast, all];
  return pools.filter((pool, index) => pool.size > 0 && !pools.slice(0, index).some((earlier) => earlier.equals(pool)));
}

/** How much a core is preferred where its pool has several kinds: isolation counts more than speed. */
const worth = ({ host: { isolated, efficient } }: Board, { threads }: FreeCore): number =>
  (threads.every((cpu) => isolated.has(cpu)) ? 2 : 0) + (threads.some((cpu) => efficient.has(cpu)) ? 0 : 1);

/** Which kinds of CPUs dedicated vCPUs got, where the host has several. */
function kindNotes({ host: { topology, isolated, efficient } }: Board, cpus: CpuSet): readonly string[] {
  const alone = cpus.intersection(isolated).size;
  const slow = cpus.intersection(efficient).size;
  const hybrid = efficient.size > 0 && onlineCpus(topology).without(efficient).size > 0;
  return [
    ...(isolated.size === 0 ? [] : [alone === cpus.size ? 'The vCPUs lie on isolated CPUs.' : `${alone} of ${plural(cpus.size, 'vCPU')} ${alone === 1 ? 'lies' : 'lie'} on isolated CPUs: no more are free where they fit.`]),
    ...(!hybrid ? [] : [slow === 0 ? 'The vCPUs lie on performance cores.' : `${slow} of ${plural(cpus.size, 'vCPU')} ${slow === 1 ? 'lies' : 'lie'} on efficiency cores: no more performance cores are free where they fit.`]),
  ];
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

/** Shared vCPUs float over all CPUs of the least loaded node that nobody has alone; over more nodes when one has fewer CPUs than the guest. */
function placeShared(board: Board, guest: PlacementGuest): Found | string {
  if (guest.vcpus < 1) return 'It has no vCPUs.';
  const closed = board.alone.union(board.host.kept).union(board.host.isolated);
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
      const { isolated } = board.host;
      return `It has ${plural(group.length, 'vCPU')}, and the host has ${plural(all.size, 'CPU')} to share.${isolated.size === 0 ? '' : ` Isolated CPUs (${isolated.toString()}) are not shared: the kernel moves nothing between them.`}`;
    }
    for (const vcpu of group) pins[vcpu] = pool.cpus;
    for (const { id } of pool.nodes) board.floating.set(id, (board.floating.get(id) ?? 0) + group.length / pool.nodes.length);
    const ids = pool.nodes.map(({ id }) => id).toSorted((one, other) => one - other).join(', ');
    if (pool.nodes.length > 1) notes.add(`No NUMA node has ${plural(group.length, 'CPU')} to share: the vCPUs float over nodes ${ids}.`);
    if (pool.short) notes.add(`NUMA node ${ids} has less memory free than the guest may use.`);
  }
  return { vcpus: pins, notes: [...notes] };
}

/** CPUs for emulator and I/O threads: near, had by nobody alone, not isolated, rather not those kept for the host. */
function spareFor({ host, nodes, alone }: Board, { vcpus }: Found): { readonly spare: CpuSet; readonly note: string | null } {
  const own = vcpus.reduce((all, set) => all.union(set), CpuSet.none);
  const near = CpuSet.of(nodes.filter(({ cpus }) => cpus.some(({ id }) => own.has(id))).flatMap(({ cpus }) => cpus.map(({ id }) => id)));
  const all = onlineCpus(host.topology);
  const closed = alone.union(host.isolated);
  const choices = [near.without(closed).without(host.kept), near.intersection(host.kept).without(closed), all.without(closed).without(host.kept), all.without(closed)];
  const spare = choices.find((set) => set.size > 0);
  if (spare !== undefined) return { spare, note: null };
  // Threads that may run on several isolated CPUs all stay on the first one.
  const [lonely] = [...near.without(alone), ...all.without(alone)];
  if (lonely !== undefined) return { spare: CpuSet.of([lonely]), note: `Only isolated CPUs are spare, so the emulator and all I/O threads run on CPU ${lonely}.` };
  return { spare: own, note: 'No CPU is spare, so the emulator and I/O threads run on the vCPUs’ own CPUs. Keep a CPU for the host to avoid that.' };
}
