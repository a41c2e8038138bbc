// Where CPUs lie on screen.
import { describe, expect, it } from 'vitest';
import { cpuIndex, kib } from '../../app/domain/brands.ts';
import { topologyOf } from '../../app/domain/topology.ts';
import { topology } from '../stand-in/data.ts';
import { columnAt, layoutOf } from './layout.ts';

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

it('cells never get too small to hit: a large host is wider than the room', () => {
  const cpus = Array.from({ length: 128 }, (_, id) => ({ id: cpuIndex(id), socket: 0, die: 0, core: id, siblings: `${id}` }));
  const layout = layoutOf(topologyOf([{ id: 0, memory: kib(1), distances: [], pages: [], cpus }]), 500);
  expect(layout.cell).toBe(14);
  expect(layout.width).toBe(128 * 16 - 2);
});

it('a host that tells no CPUs has no columns', () => expect(layoutOf(topologyOf([]), 500).columns).toEqual([]));
