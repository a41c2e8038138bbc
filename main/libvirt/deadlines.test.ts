// Limits of many calls under one timer: each passes at its own time, and none after it was lifted.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const lost = new Error('lost');
const late = (): Error => new Error('late');

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
        const lift = deadlines.set(limit, () => passed.push([index, performance.now()]), late);
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
    for (let count = 0; count < 1_000; count++) deadlines.set(60_000, () => undefined, late)();
    expect(vi.getTimerCount()).toBe(1);
    deadlines.stop(lost);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fail late when they pass, and with the reason when all are ended, once', () => {
    const deadlines = new Deadlines();
    const failed: (readonly [number, Error])[] = [];
    for (const limit of [10, 20, Infinity]) deadlines.set(limit, (error) => failed.push([limit, error]), late);
    vi.advanceTimersByTime(15);
    deadlines.stop(lost);
    deadlines.stop(lost);
    vi.advanceTimersByTime(100);
    expect(failed).toEqual([[10, late()], [20, lost], [Infinity, lost]]);
  });

  it('without an end take no timer', () => {
    new Deadlines().set(Infinity, () => undefined, late);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fail who is left, however many were lifted before', () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (kept) => {
      const deadlines = new Deadlines();
      const failed: number[] = [];
      const lifts = kept.map((_, index) => deadlines.set(1_000, () => failed.push(index), late));
      // Lifted twice: as when an answer and a cancellation come together.
      for (const lift of [...lifts, ...lifts].filter((_, index) => kept[index % kept.length] === false)) lift();
      deadlines.stop(lost);
      for (const lift of lifts) lift();
      expect(failed).toEqual(kept.flatMap((isKept, index) => (isKept ? [index] : [])));
    }));
  });

  it('may be set and lifted by one that passes', () => {
    const deadlines = new Deadlines();
    const passed: string[] = [];
    const lifts: (() => void)[] = [];
    deadlines.set(10, () => {
      passed.push('first');
      for (const lift of lifts) lift();
      deadlines.set(5, () => passed.push('second'), late);
    }, late);
    lifts.push(...[10, 20].map((limit) => deadlines.set(limit, () => passed.push('lifted'), late)));
    vi.advanceTimersByTime(100);
    expect(passed).toEqual(['first', 'second']);
  });
});
