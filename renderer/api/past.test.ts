// Curves that grow by what is newer, and stay as long as their picture is wide.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Past } from '../../app/contract/live.ts';
import { extended } from './past.ts';

const told = (last: number, whole: boolean, series: Readonly<Record<string, readonly (number | null)[]>>): Past =>
  ({ last, step: 1_000, end: (last + 1) * 1_000, whole, marks: [], series: Object.entries(series).map(([name, values]) => ({ name, values: [...values] })) });

describe('curves', () => {
  it('grow by what is newer; what is new begins with a gap, what is gone ends with one', () => {
    const first = extended(null, told(10, true, { cpu: [1, 2, 3], gone: [null, null, 7] }), 3);
    const next = extended(first, told(12, false, { cpu: [4, 5], fresh: [null, 9] }), 3);
    expect([next.last, next.end, [...next.values]]).toEqual([12, 13_000, [['cpu', [3, 4, 5]], ['gone', [7, null, null]], ['fresh', [null, null, 9]]]]);
    expect([...extended(next, told(14, false, { cpu: [6, 7] }), 3).values.keys()]).toEqual(['cpu', 'fresh']);
    expect([...extended(next, told(99, true, { cpu: [1, 1, 1] }), 3).values]).toEqual([['cpu', [1, 1, 1]]]);
  });

  it('are the end of all that was told, in whatever parts it came', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 0, maxLength: 9 }), { maxLength: 12 }), (parts) => {
      let all = [1, 2, 3, 4, 5];
      let last = 100;
      let curves = extended(null, told(last, true, { cpu: all }), 5);
      for (const part of parts) {
        last += part.length;
        all = [...all, ...part].slice(-5);
        curves = extended(curves, told(last, false, { cpu: part.slice(-5) }), 5);
      }
      expect(curves.values.get('cpu')).toEqual(all);
    }));
  });
});
