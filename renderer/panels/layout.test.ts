// Where CPUs lie on screen.
import { describe, expect, it } from 'vitest';
import { cpuIndex, kib } from '../../app/domain/brands.ts';
import { topologyOf } from '../../app/domain/topology.ts';
import { topology } from '../stand-in/data.ts';
import { columnAt, dieHeight, layoutOf } from './layout.ts';

describe('two nodes of eight cores with two threads', () => {
  const layout = layoutOf(topology, 1000);

  it('lie node by node, core by core, threads side by side', () => {
    expect(layout.columns.slice(0, 4).map(({ cpu }) => cpu)).toEqual([0, 16, 1, 17]);
    expect(layout.columns.slice(16, 18).map(({ cpu }) => cpu)).toEqual([8, 24]);
    expect(layout.nodes.map(({ label, first, count, cpus }) => [label, first, count, cpus.toString()])).toEqual([['0', 0, 16, '0-7,16-23'], ['1', 16, 16, '8-15,24-31']]);
    expect(layout.cores).toHaveLength(16);
    expect(layout.cores[7]?.cpus.toString()).toBe('7,23');
  });

  it('fit into the room and leave a gap between nodes', () => {
    expect(layout.width).toBeLessThanOrEqual(1000);
    const [last, first] = [layout.columns[15], layout.columns[16]];
    expect((first?.x ?? 0) - (last?.x ?? 0)).toBeGreaterThan(layout.cell + 2);
    expect(columnAt(layout, (first?.x ?? 0) - 3)).toBeNull();
  });

  it('are found again where they lie', () => {
    layout.columns.forEach(({ x }, index) => expect(columnAt(layout, x + layout.cell / 2)).toBe(index));
    expect(columnAt(layout, -1)).toBeNull();
    expect(columnAt(layout, layout.width + 20)).toBeNull();
  });
});

describe('dies of a node', () => {
  const cpuOf = (id: number, socket: number, die: number) => ({ id: cpuIndex(id), socket, die, core: id, siblings: `${id}` });
  const cellOf = (id: number, cpus: ReturnType<typeof cpuOf>[]) => ({ id, memory: kib(1), distances: [], pages: [], cpus });
  const of = (...cells: ReturnType<typeof cellOf>[]) => layoutOf(topologyOf(cells), 600);

  it('have headings and a gap between them, by what tells them apart', () => {
    const layout = of(cellOf(0, [cpuOf(0, 0, 0), cpuOf(1, 0, 1), cpuOf(2, 0, 1)]), cellOf(1, [cpuOf(3, 1, 0), cpuOf(4, 2, 0), cpuOf(5, 2, 1)]));
    expect(layout.dies.map(({ label, cpus }) => [label, cpus.toString()])).toEqual([['die 0', '0'], ['die 1', '1-2'], ['socket 1 die 0', '3'], ['socket 2 die 0', '4'], ['socket 2 die 1', '5']]);
    const [first, second, third] = layout.columns.map(({ x }) => x);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan((third ?? 0) - (second ?? 0));
    expect(layout.nodes[0]?.width).toBe((third ?? 0) + layout.cell);
    expect(layout.width).toBeLessThanOrEqual(600);
    expect(dieHeight(layout)).toBeGreaterThan(0);
  });

  it('have none where each node is one of them', () => {
    expect(of(cellOf(0, [cpuOf(0, 0, 0)]), cellOf(1, [cpuOf(1, 1, 0)])).dies).toEqual([]);
    expect(dieHeight(of(cellOf(0, [cpuOf(0, 0, 0)])))).toBe(0);
  });
});

it('cells never get too small to hit: a large host is wider than the room', () => {
  const cpus = Array.from({ length: 128 }, (_, id) => ({ id: cpuIndex(id), socket: 0, die: 0, core: id, siblings: `${id}` }));
  const layout = layoutOf(topologyOf([{ id: 0, memory: kib(1), distances: [], pages: [], cpus }]), 500);
  expect(layout.cell).toBe(14);
  expect(layout.width).toBe(128 * 16 - 2);
});

it('a host that tells no CPUs has no columns', () => expect(layoutOf(topologyOf([]), 500).columns).toEqual([]));
