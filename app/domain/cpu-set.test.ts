import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuSet, CpuSetError, highestCpu } from './cpu-set.ts';

const cpus = fc.uniqueArray(fc.nat(300), { maxLength: 40 });
/** Single CPUs, and runs of them that may overlap and touch. */
const set = fc.tuple(cpus, fc.array(fc.tuple(fc.nat(280), fc.nat(20)), { maxLength: 8 })).map(([list, runs]) => CpuSet.of([...list, ...runs.flatMap(([first, more]) => [...CpuSet.range(first, first + more)])]));

describe('a CPU set', () => {
  it.each([
    ['0-3,^2,7', '0-1,3,7'],
    [' 1 , 3 - 5 ,^ 4', '1,3,5'],
    ['5,4,3,3', '3-5'],
    ['^2,0-3', '0-3'],
    ['0,^0', ''],
    [`${highestCpu}`, `${highestCpu}`],
  ])('reads "%s" as "%s"', (text, canonical) => expect(CpuSet.parse(text).toString()).toBe(canonical));

  it.each([
    ['', 0], ['1,', 2], [',1', 0], ['1-', 0], ['0,-3', 2], ['1,2x,3', 2], ['1,  y', 4], ['^1-3', 0], ['4,7-3', 2], ['0-16384', 2], ['1,999999999999', 2], ['0x10', 0], ['1;2', 0],
  ])('refuses "%s" and names the position %i', (text, position) => {
    let caught: unknown;
    try {
      CpuSet.parse(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(CpuSetError);
    expect(caught).toMatchObject({ position });
  });

  it('holds what it was given: members, size, highest, canonical text, map', () => {
    fc.assert(fc.property(cpus, (list) => {
      const of = CpuSet.of(list);
      expect([...of]).toEqual(list.toSorted((one, other) => one - other));
      expect([of.size, of.highest]).toEqual([list.length, Math.max(-1, ...list)]);
      expect(CpuSet.fromMap(of.toMap())).toEqual(of);
      expect(Array.from({ length: 302 }, (_, cpu) => of.has(cpu))).toEqual(Array.from({ length: 302 }, (_, cpu) => list.includes(cpu)));
      if (list.length > 0) expect(CpuSet.parse(of.toString()).equals(of)).toBe(true);
    }));
  });

  it('joins, meets and parts as sets do', () => {
    fc.assert(fc.property(set, set, (one, other) => {
      const all = Array.from({ length: 301 }, (_, cpu) => cpu);
      expect([...one.union(other)]).toEqual(all.filter((cpu) => one.has(cpu) || other.has(cpu)));
      expect([...one.intersection(other)]).toEqual(all.filter((cpu) => one.has(cpu) && other.has(cpu)));
      expect([...one.without(other)]).toEqual(all.filter((cpu) => one.has(cpu) && !other.has(cpu)));
      expect(one.equals(other)).toBe(one.toString() === other.toString());
      for (const made of [one.union(other), one.intersection(other), one.without(other)]) expect(made.equals(CpuSet.of([...made]))).toBe(true);
    }));
  });

  it('becomes a map of bit n in byte n/8, as long as asked for', () => {
    expect([CpuSet.parse('0,9').toMap(), CpuSet.parse('0,9').toMap(3), CpuSet.parse('0,9').toMap(1), CpuSet.none.toMap()]).toEqual([
      new Uint8Array([1, 2]), new Uint8Array([1, 2, 0]), new Uint8Array([1]), new Uint8Array(),
    ]);
  });

  it('reads any text as a set or refuses it as a cpuset', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'0123456789,-^ x'.split('')) }), (text) => {
      try {
        expect(CpuSet.of(CpuSet.parse(text)).toString()).toBe(CpuSet.parse(text).toString());
      } catch (error) {
        expect(error).toBeInstanceOf(CpuSetError);
      }
    }), { numRuns: 1000 });
  });
});
