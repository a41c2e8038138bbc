// Which part of time is shown, however it is asked for.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spanWithin } from './plot.ts';

it('a part of time stays within all of it, and is all of it when it is as long', () => {
  const whole = { from: 1_000, to: 1_300 };
  expect(spanWithin({ from: 1_290, to: 1_310 }, whole, 5)).toEqual({ from: 1_280, to: 1_300 });
  expect(spanWithin({ from: 1_100, to: 1_101 }, whole, 5)).toEqual({ from: 1_100, to: 1_105 });
  expect(spanWithin({ from: 0, to: 5_000 }, whole, 5)).toBeNull();
  fc.assert(fc.property(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 1_000 }), (from, length) => {
    const span = spanWithin({ from, to: from + length }, whole, 5);
    if (span === null) expect(length).toBeGreaterThanOrEqual(300);
    else expect([span.from >= whole.from, span.to <= whole.to, span.to - span.from]).toEqual([true, true, Math.max(5, length)]);
  }));
});
