// Editing pins: what painting, clicking a row's name and spans do.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuSet } from '../../app/domain/cpu-set.ts';
import { between, nextNode, paint, paintAdds, type Pins, setOf } from './pins.ts';

const cpus = fc.uniqueArray(fc.integer({ min: 0, max: 127 })).map((list) => CpuSet.of(list));
const some = cpus.filter((set) => set.size > 0);
const pins = fc.dictionary(fc.constantFrom('a', 'b', 'c'), cpus.map((set) => (set.size === 0 ? null : set.toString())));

describe('painting', () => {
  it('adds to every row when one of them lacks a CPU, and takes away when all have all', () => {
    fc.assert(fc.property(pins, some, (before, stroke) => {
      const rows = ['a', 'b'];
      const adds = paintAdds(before, rows, stroke);
      const after = paint(before, rows, stroke, adds);
      for (const row of rows) expect(setOf(after[row] ?? null).intersection(stroke).size).toBe(adds ? stroke.size : 0);
      for (const row of rows) expect(setOf(after[row] ?? null).without(stroke).equals(setOf(before[row] ?? null).without(stroke))).toBe(true);
      expect(Object.keys(after)).toEqual(rows);
    }));
  });

  it('twice over what was free gives back what was', () => {
    fc.assert(fc.property(pins, some, (before, stroke) => {
      const clear: Pins = { a: setOf(before['a'] ?? null).without(stroke).toString() || null };
      const once = paint(clear, ['a'], stroke, paintAdds(clear, ['a'], stroke));
      expect(paint(once, ['a'], stroke, paintAdds(once, ['a'], stroke))).toEqual(clear);
    }));
  });

  it('leaves no pin rather than an empty one', () => expect(paint({ a: '3' }, ['a'], CpuSet.of([3]), false)).toEqual({ a: null }));
});

describe("a click on a row's name", () => {
  const nodes = [CpuSet.range(0, 7), CpuSet.range(8, 15)];
  it.each([[null, '0-7'], ['0-7', '8-15'], ['8-15', null], ['3', null]])('turns %s into %s', (before, after) => expect(nextNode(before, nodes)).toBe(after));
});

it('a stroke covers the rows between its ends, whichever way it went', () => {
  expect(between(['a', 'b', 'c', 'd'], 2, 1)).toEqual(['b', 'c']);
  expect(between(['a', 'b', 'c', 'd'], 0, 3)).toEqual(['a', 'b', 'c', 'd']);
});
