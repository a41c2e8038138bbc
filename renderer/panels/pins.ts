// Editing pins: each function takes pins by row and gives the rows that change. No pin is null, never the empty set.
import { CpuSet } from '../../app/domain/cpu-set.ts';

/** A canonical cpuset, or null = floats. */
export type Pin = string | null;
export type Pins = Readonly<Record<string, Pin>>;

export const setOf = (pin: Pin): CpuSet => (pin === null ? CpuSet.none : CpuSet.parse(pin));
const pinOf = (set: CpuSet): Pin => (set.size === 0 ? null : set.toString());

/** The rows with these CPUs added or taken away. */
export const paint = (pins: Pins, rows: readonly string[], cpus: CpuSet, add: boolean): Pins =>
  Object.fromEntries(rows.map((row) => {
    const before = setOf(pins[row] ?? null);
    return [row, pinOf(add ? before.union(cpus) : before.without(cpus))];
  }));

/** Whether painting these CPUs on these rows should add: yes, unless all of them are there already. */
export const paintAdds = (pins: Pins, rows: readonly string[], cpus: CpuSet): boolean =>
  rows.some((row) => setOf(pins[row] ?? null).intersection(cpus).size < cpus.size);

/** What a click on a row's name gives: no pin → first node → next node → … → no pin. */
export const nextNode = (pin: Pin, nodes: readonly CpuSet[]): Pin => {
  if (pin === null) return nodes[0]?.toString() ?? null;
  const at = nodes.findIndex((node) => node.toString() === pin);
  return at < 0 ? null : nodes[at + 1]?.toString() ?? null;
};

/** The rows between two, both included, in their order. */
export const between = (rows: readonly string[], one: number, other: number): readonly string[] => rows.slice(Math.min(one, other), Math.max(one, other) + 1);
