// Samples in rings of fixed size: read back as they were put, with gaps where nothing was.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rings, Series } from './series.ts';

describe('a series', () => {
  it('holds each sample for the seconds since the one before, and a gap where there was none', () => {
    const series = new Series();
    series.put(99, 100, 1);
    series.put(100, 104, 2);
    series.put(107, 108, 3);
    series.put(108, 109, null);
    expect(series.read('minutes', 98, 110)).toEqual([Number.NaN, 1, 2, 2, 2, 2, Number.NaN, Number.NaN, Number.NaN, 3, Number.NaN, Number.NaN]);
    expect(series.mean(100, 110)).toBe(2);
  });

  it('sums up ten seconds each as the mean of what was known', () => {
    const series = new Series();
    for (let slot = 1000; slot < 1025; slot += 1) series.put(slot - 1, slot, slot < 1010 ? 4 : slot % 2 === 0 ? 10 : null);
    expect(series.read('hours', 98, 103)).toEqual([Number.NaN, 4, 10, 10, Number.NaN]);
  });

  it('keeps ten seconds that were begun over a silence in which their seconds are forgotten', () => {
    const series = new Series();
    series.put(1004, 1005, 7);
    series.put(1399, 1400, 9);
    expect(series.read('hours', 99, 100)).toEqual([7]);
    expect(series.read('hours', 139, 140)).toEqual([9]);
    expect(series.read('minutes', 1004, 1005)).toEqual([Number.NaN]);
  });

  it('reads as a list without an end would, as far back as it goes', () => {
    const puts = fc.array(fc.record({ pause: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 9_000 })), span: fc.integer({ min: 1, max: 30 }), value: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: null }) }), { maxLength: 60 });
    fc.assert(fc.property(puts, (each) => {
      const series = new Series();
      const all = new Map<number, number>();
      let [now, newest] = [50_000, -1];
      for (const { pause, span, value } of each) {
        now += pause;
        series.put(now - span, now, value);
        if (value !== null) for (let slot = Math.max(now - span, newest, now - rings.minutes.slots) + 1; slot <= now; slot += 1) all.set(slot, value);
        if (value !== null) all.set(now, value);
        newest = now;
      }
      const from = now - rings.minutes.slots;
      expect(series.read('minutes', from, now)).toEqual(Array.from({ length: rings.minutes.slots }, (_, index) => all.get(from + 1 + index) ?? Number.NaN));
      const last = Math.floor(now / 10);
      const tens = series.read('hours', last - rings.hours.slots, last);
      tens.forEach((value, index) => {
        const first = (last - rings.hours.slots + 1 + index) * 10;
        const known = Array.from({ length: 10 }, (_, second) => all.get(first + second)).filter((one) => one !== undefined);
        if (known.length === 0) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(known.reduce((sum, one) => sum + one, 0) / known.length, 2);
      });
    }), { numRuns: 60 });
  });
});
