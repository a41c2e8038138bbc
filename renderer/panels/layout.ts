// The host's CPUs as columns: by NUMA node, then core, then thread, with where each one lies on screen.
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { coresOf, type Topology } from '../../app/domain/topology.ts';

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
  readonly cores: readonly Span[];
  readonly cell: number;
  readonly width: number;
}

export const gap = 2;
const nodeGap = 12;
const smallest = 14;
const largest = 30;

/** Lays the CPUs out in `room` CSS pixels; narrower cells than 14 pixels are not made, then the picture is wider than the room. */
export const layoutOf = (topology: Topology, room: number): Layout => {
  const cells = topology.cells.filter(({ cpus }) => cpus.length > 0).map((cell) => ({ id: cell.id, cores: coresOf(cell) }));
  const count = cells.reduce((sum, { cores }) => sum + cores.reduce((threads, core) => threads + core.threads.length, 0), 0);
  const free = room - nodeGap * Math.max(0, cells.length - 1);
  const cell = count === 0 ? largest : Math.max(smallest, Math.min(largest, Math.floor(free / count) - gap));
  const columns: CpuColumn[] = [];
  const nodes: Span[] = [];
  const cores: Span[] = [];
  let x = 0;
  const span = (key: string, label: string, first: number, node: number): Span => {
    const from = columns[first]?.x ?? x;
    const own = columns.slice(first);
    return { key, label, first, count: own.length, x: from, width: own.length * (cell + gap) - gap, cpus: CpuSet.of(own.map(({ cpu }) => cpu)), node };
  };
  cells.forEach(({ id, cores: inside }, node) => {
    if (node > 0) x += nodeGap - gap;
    const firstOfNode = columns.length;
    for (const { core, socket, die, threads } of inside) {
      const first = columns.length;
      for (const cpu of threads) {
        columns.push({ cpu, node, x });
        x += cell + gap;
      }
      cores.push(span(`${id}/${socket}/${die}/${core}/${first}`, `${core}`, first, node));
    }
    nodes.push(span(`${id}`, `${id}`, firstOfNode, node));
  });
  return { columns, nodes, cores, cell, width: Math.max(0, x - gap) };
};

/** The column under `x`; null between columns and outside. */
export const columnAt = ({ columns, cell }: Layout, x: number): number | null => {
  const index = columns.findIndex((column) => x >= column.x && x < column.x + cell + gap);
  return index < 0 ? null : index;
};
