// What a host told of one guest, looked up by name.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TypedParam } from './objects.ts';
import { Statistics } from './statistics.ts';

const names = ['cpu.time', 'block.0.name', 'block.count', 'vcpu.0.halted'] as const;
const param = fc.record({
  field: fc.constantFrom(...names),
  value: fc.oneof(
    fc.bigInt({ min: -5n, max: 2n ** 64n - 1n }).map((value) => ({ type: 4 as const, value })), fc.double().map((value) => ({ type: 5 as const, value })),
    fc.constantFrom(0, 1).map((value) => ({ type: 6 as const, value })), fc.string().map((value) => ({ type: 7 as const, value })),
  ),
});

it('are what was told last under a name, as a number from 0 or as a text, of guests of any kind', () => {
  fc.assert(fc.property(fc.array(fc.array(param, { maxLength: 6 }), { maxLength: 5 }), (guests) => {
    const all = guests.map((params) => new Statistics(params));
    for (const [place, params] of guests.entries()) {
      const last = new Map<string, TypedParam['value']>(params.map(({ field, value }) => [field, value]));
      expect(all[place]?.count).toBe(params.length);
      for (const name of names) {
        const value = last.get(name);
        const number = value === undefined || value.type === 6 || value.type === 7 ? Number.NaN : Number(value.value);
        expect(all[place]?.number(name)).toBe(number >= 0 && number < Infinity ? number : null);
        expect(all[place]?.text(name)).toBe(value?.type === 7 ? value.value : null);
      }
    }
  }));
});
