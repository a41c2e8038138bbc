// Limits of many calls under one timer: each passes at its own time, and none after it was lifted.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('deadlines', () => {
  it('pass at their own time, whatever the order they were set in', () => {
    const delays = fc.array(fc.record({ wait: fc.nat(50), limit: fc.integer({ min: 1, max: 200 }), lifted: fc.boolean() }), { maxLength: 30 });
    fc.assert(fc.property(delays, (limits) => {
      const deadlines = new Deadlines();
      const passed: (readonly [number, number])[] = [];
      const due: (readonly [number, number])[] = [];
      limits.forEach(({ wait, limit, lifted }, index) => {
        vi.advanceTimersByTime(wait);
        const at = performance.now() + limit;
        const lift = deadlines.set(limit, () => passed.push([index, performance.now()]));
        if (lifted) lift();
        else due.push([index, at]);
      });
      vi.advanceTimersByTime(1_000);
      expect(passed.toSorted(([left], [right]) => left - right)).toEqual(due);
      expect(vi.getTimerCount()).toBe(0);
    }));
  });

  it('take one timer, however many calls come and go', () => {
    const deadlines = new Deadlines();
    for (let count = 0; count < 1_000; count++) deadlines.set(60_000, () => undefined)();
    expect(vi.getTimerCount()).toBe(1);
    deadlines.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not pass once all are forgotten', () => {
    const deadlines = new Deadlines();
    const passed = vi.fn();
    deadlines.set(10, passed);
    deadlines.stop();
    vi.advanceTimersByTime(100);
    expect(passed).not.toHaveBeenCalled();
  });

  it('may be set and lifted by one that passes', () => {
    const deadlines = new Deadlines();
    const passed: string[] = [];
    const lifts: (() => void)[] = [];
    deadlines.set(10, () => {
      passed.push('first');
      for (const lift of lifts) lift();
      deadlines.set(5, () => passed.push('second'));
    });
    lifts.push(...[10, 20].map((limit) => deadlines.set(limit, () => passed.push('lifted'))));
    vi.advanceTimersByTime(100);
    expect(passed).toEqual(['first', 'second']);
  });
});
