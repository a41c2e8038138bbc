// The host's CPUs as columns: by NUMA node, then socket and die, then core, then thread, with where each one lies on screen.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { type Core, coresOf, type Topology } from '../../app/domain/topology.ts';

export interface CpuColumn {
  readonly cpu: number;
  readonly node: number;
  /** Left edge, in CSS pixels. */
  readonly x: number;
}

/** A run of columns with a heading. */
export interface Span {
  readonly key: string;
  readonly label: string;
  readonly first: number;
  readonly count: number;
  readonly x: number;
  readonly width: number;
  readonly cpus: CpuSet;
  readonly node: number;
}

export interface Layout {
  readonly columns: readonly CpuColumn[];
  readonly nodes: readonly Span[];
  /** Sockets or dies; empty where every node is one of them alone. */
  readonly dies: readonly Span[];
  readonly cores: readonly Span[];
  readonly cell: number;
  readonly width: number;
}

export const gap = 2;
const nodeGap = 12;
const dieGap = 7;
const smallest = 14;
const largest = 30;

const places = (cores: readonly Core[]): readonly string[] => [...new Set(cores.map(({ socket, die }) => `${socket}/${die}`))];

/** What tells a die from the others of its node: `socket 1`, `die 0`, `socket 1 die 0`. */
const dieLabel = ({ socket, die }: Core, cores: readonly Core[]): string => {
  const sockets = new Set(cores.map((core) => core.socket)).size;
  const words = [...(sockets > 1 ? [`socket ${socket}`] : []), ...(places(cores).length > sockets ? [`die ${die}`] : [])];
  return words.length === 0 ? `socket ${socket}` : words.join(' ');
};

/** Lays the CPUs out in `room` CSS pixels; narrower cells than 14 pixels are not made, then the picture is wider than the room. */
export const layoutOf = (topology: Topology, room: number): Layout => {
  const cells = topology.cells.filter(({ cpus }) => cpus.length > 0).map((cell) => ({ id: cell.id, cores: coresOf(cell) }));
  const count = cells.reduce((sum, { cores }) => sum + cores.reduce((threads, core) => threads + core.threads.length, 0), 0);
  const seams = cells.reduce((sum, { cores }) => sum + places(cores).length - 1, 0);
  const free = room - nodeGap * Math.max(0, cells.length - 1) - (dieGap - gap) * seams;
  const cell = count === 0 ? largest : Math.max(smallest, Math.min(largest, Math.floor(free / count) - gap));
  const columns: CpuColumn[] = [];
  const nodes: Span[] = [];
  const dies: Span[] = [];
  const cores: Span[] = [];
  let x = 0;
  const span = (key: string, label: string, first: number, node: number): Span => {
    const own = columns.slice(first);
    const from = columns[first]?.x ?? x;
    return { key, label, first, count: own.length, x: from, width: (own.at(-1)?.x ?? from) + cell - from, cpus: CpuSet.of(own.map(({ cpu }) => cpu)), node };
  };
  cells.forEach(({ id, cores: inside }, node) => {
    if (node > 0) x += nodeGap - gap;
    const firstOfNode = columns.length;
    for (const [at, place] of places(inside).entries()) {
      if (at > 0) x += dieGap - gap;
      const firstOfDie = columns.length;
      const own = inside.filter(({ socket, die }) => `${socket}/${die}` === place);
      for (const { core, threads } of own) {
        const first = columns.length;
        for (const cpu of threads) {
          columns.push({ cpu, node, x });
          x += cell + gap;
        }
        cores.push(span(`${id}/${place}/${core}/${first}`, `${core}`, first, node));
      }
      const [some] = own;
      if (seams > 0 && some !== undefined) dies.push(span(`${id}/${place}`, dieLabel(some, inside), firstOfDie, node));
    }
    nodes.push(span(`${id}`, `${id}`, firstOfNode, node));
  });
  return { columns, nodes, dies, cores, cell, width: Math.max(0, x - gap) };
};

/** CSS pixels that the headings of sockets and dies take, between those of the nodes and of the cores. */
export const dieHeight = ({ dies }: Layout): number => (dies.length === 0 ? 0 : 15);

/** The column under `x`; null between columns and outside. */
export const columnAt = ({ columns, cell }: Layout, x: number): number | null => {
  const index = columns.findIndex((column) => x >= column.x && x < column.x + cell + gap);
  return index < 0 ? null : index;
};
