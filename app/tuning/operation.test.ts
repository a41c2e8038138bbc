// Arithmetic on values of many guests: as typed, as counted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Field } from './knob.ts';
import { amountAfter, readOperation, sayOperation } from './operation.ts';

type NumberField = Extract<Field, { kind: 'number' }>;
const count: NumberField = { kind: 'number', least: 1, most: 1000, measure: 'count', absent: null };
const memory: NumberField = { kind: 'number', least: 1, most: 2 ** 34, measure: 'KiB', absent: 'none' };
const gib = 1024 ** 2;

describe('an operation', () => {
  it('is typed as people write it', () => {
    const read = (text: string) => readOperation(text, memory);
    expect([read('= 4 GiB'), read('4GiB'), read('+2 GiB'), read('-512 MiB'), read('−1 GiB')]).toEqual([
      { how: 'set', to: 4 * gib }, { how: 'set', to: 4 * gib }, { how: 'add', amount: 2 * gib }, { how: 'add', amount: -gib / 2 }, { how: 'add', amount: -gib },
    ]);
    expect(['×2', '* 2', 'x2', '× 1.5', '×.5'].map(read)).toEqual([2, 2, 2, 1.5, 0.5].map((factor) => ({ how: 'times', factor })));
  });

  it('empties a field that may be empty, and no other', () => {
    expect([readOperation('', memory), readOperation(' ', count)]).toEqual([{ how: 'set', to: null }, null]);
  });

  it.each(['+', '=', '×', '×0', '×-1', '×two', '+-1', 'four', '1.5', '--1', '×1e9', '++2'])('is not %j', (text) => {
    expect(readOperation(text, count)).toBeNull();
  });

  it('read again from what it says is the same', () => {
    const by = fc.oneof(
      fc.integer({ min: 0, max: 1e6 }).map((to) => ({ how: 'set' as const, to })),
      fc.integer({ min: -1e6, max: 1e6 }).map((amount) => ({ how: 'add' as const, amount })),
      fc.integer({ min: 1, max: 999 }).map((tenths) => ({ how: 'times' as const, factor: tenths / 10 })),
    );
    fc.assert(fc.property(by, (one) => {
      expect(readOperation(sayOperation(one, count), count)).toEqual(one);
    }));
  });
});

describe('counting', () => {
  const number = fc.integer({ min: 1, max: 1000 });

  it('stays whole and within the bounds, or says why not', () => {
    fc.assert(fc.property(number, fc.double({ min: 0.001, max: 1000, noNaN: true }), (now, factor) => {
      const after = amountAfter(now, { how: 'times', factor }, count);
      const exact = Math.round(now * factor);
      expect(after).toEqual(exact >= 1 && exact <= 1000 ? exact : expect.stringMatching(/^it would be .* goes from 1 to 1000\.$/));
    }));
  });

  it('comes back when as much is taken away as was added', () => {
    fc.assert(fc.property(number, fc.integer({ min: -1000, max: 1000 }), (now, amount) => {
      const there = amountAfter(now, { how: 'add', amount }, count);
      if (typeof there === 'number') expect(amountAfter(there, { how: 'add', amount: -amount }, count)).toBe(now);
    }));
  });

  it('starts from what an empty field comes to', () => {
    expect(amountAfter(null, { how: 'times', factor: 2 }, { ...memory, usual: 100 })).toBe(200);
  });

  it('has nothing to start from where nothing is set', () => {
    expect(amountAfter(null, { how: 'add', amount: 1 }, memory)).toBe('it is not set, so there is nothing to count from. Give a value.');
  });
});
