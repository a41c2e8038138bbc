// The arithmetic and the taking of turns behind the numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapField, median, quantile, takeTurns } from './measure.ts';

describe('quantiles', () => {
  it('are the middle value, or between both middle ones', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(quantile([10, 20, 30], 0.75)).toBe(25);
  });

  it('refuse to make a number of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it('leave as many values below as they say, in whatever order these come', () => {
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
    fc.assert(fc.property(numbers, fc.double({ noNaN: true, min: 0, max: 1 }), (values, share) => {
      const found = quantile(values, share);
      const below = values.filter((value) => value < found).length;
      const notAbove = values.filter((value) => value <= found).length;
      expect(below).toBeLessThanOrEqual(share * (values.length - 1) + 1);
      expect(notAbove).toBeGreaterThanOrEqual(Math.floor(share * (values.length - 1)));
      expect(quantile(values.toReversed(), share)).toBe(found);
    }));
  });
});

describe('taking turns', () => {
  const recorded = (): { readonly order: readonly string[]; readonly run: (name: string) => () => Promise<string> } => {
    const order: string[] = [];
    return { order, run: (name) => async () => `${name}${order.push(name)}` };
  };

  it('lets another contender begin each round, and one run at a time', async () => {
    const { order, run } = recorded();
    const results = await takeTurns({ ours: run('o'), virsh: run('v'), python: run('p') }, { repetitions: 3, warm: false });
    expect(order.join('')).toBe('ovpvpopov');
    expect(results).toEqual({ ours: ['o1', 'o6', 'o8'], virsh: ['v2', 'v4', 'v9'], python: ['p3', 'p5', 'p7'] });
  });

  it('does not count the round that warms up', async () => {
    const { order, run } = recorded();
    expect(await takeTurns({ ours: run('o'), raw: run('r') }, { repetitions: 1, warm: true })).toEqual({ ours: ['o3'], raw: ['r4'] });
    expect(order).toHaveLength(4);
  });

  it('leaves out who is not there', async () => {
    const { run } = recorded();
    const results = await takeTurns({ ours: run('o'), python: undefined }, { repetitions: 1, warm: false });
    expect(mapField(results, (each) => each.length)).toEqual({ ours: 1 });
  });

  it('ends with the first failure', async () => {
    const failing = takeTurns({ ours: () => Promise.reject(new Error('gone')) }, { repetitions: 1, warm: false });
    await expect(failing).rejects.toThrow('gone');
  });
});
