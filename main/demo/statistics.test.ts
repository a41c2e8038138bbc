// The moving numbers: deterministic, and counters that only count up.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { counted, momentary } from './statistics.ts';

const seed = fc.nat({ max: 100_000 });
const salt = fc.nat({ max: 1000 });
const seconds = fc.double({ min: 0, max: 1e7, noNaN: true });

it('counters never go back, however small the step', () => {
  fc.assert(
    fc.property(seed, salt, fc.double({ min: 0, max: 1e10, noNaN: true }), seconds, fc.double({ min: 0, max: 10, noNaN: true }), (of, which, rate, at, step) => {
      expect(counted(of, which, rate, at + step)).toBeGreaterThanOrEqual(counted(of, which, rate, at));
    }),
  );
});

it('counters start at zero and keep to their mean in the long run', () => {
  fc.assert(
    fc.property(seed, salt, fc.integer({ min: 1000, max: 1_000_000 }), (of, which, rate) => {
      expect(counted(of, which, rate, 0)).toBe(0n);
      const mean = Number(counted(of, which, rate, 1e6)) / 1e6;
      expect(mean / rate).toBeGreaterThan(0.999);
      expect(mean / rate).toBeLessThan(1.001);
    }),
  );
});

it('rates stay above zero and below twice their mean', () => {
  fc.assert(
    fc.property(seed, salt, seconds, (of, which, at) => {
      expect(momentary(of, which, at)).toBeGreaterThan(0);
      expect(momentary(of, which, at)).toBeLessThan(2);
    }),
  );
});

it('the same seed gives the same numbers, another seed others', () => {
  expect(counted(1, 2, 1e9, 1234.5)).toBe(counted(1, 2, 1e9, 1234.5));
  expect(counted(1, 2, 1e9, 1234.5)).not.toBe(counted(2, 2, 1e9, 1234.5));
});
