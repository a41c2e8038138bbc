// Sizing of hosts on which more is promised than there is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overcommitOf } from './overcommit.ts';

const gib = 1024 ** 2;

describe('overcommit', () => {
  it('counts vCPUs for each CPU and guests’ memory for what the host can give away', () => {
    const told = overcommitOf({ cpus: 16, memoryKiB: 64 * gib }, { vcpus: 24, memoryKiB: 100 * gib });
    // 2 GiB and 2 % of 100 GiB are kept.
    expect(told).toEqual({ vcpuRatio: 1.5, memoryRatio: 100 / 60, reserveKiB: 4 * gib, hostSwapKiB: 4 * gib, lackingKiB: 40 * gib, swapKiB: 44 * gib });
  });

  it('needs no more swap than any host while all fits', () => {
    expect(overcommitOf({ cpus: 8, memoryKiB: 32 * gib }, { vcpus: 4, memoryKiB: 16 * gib })).toMatchObject({ vcpuRatio: 0.5, lackingKiB: 0, swapKiB: 4 * gib });
    expect(overcommitOf({ cpus: 2, memoryKiB: gib }, { vcpus: 0, memoryKiB: 0 })).toMatchObject({ hostSwapKiB: gib, reserveKiB: gib / 16, swapKiB: gib });
  });

  it('has memory and swap enough for all that is promised and the reserve, and grows with what is promised', () => {
    const size = fc.integer({ min: 1, max: 4_096 }).map((many) => many * gib);
    fc.assert(fc.property(size, size, size, (memoryKiB, one, more) => {
      const [less, greater] = [overcommitOf({ cpus: 8, memoryKiB }, { vcpus: 8, memoryKiB: one }), overcommitOf({ cpus: 8, memoryKiB }, { vcpus: 8, memoryKiB: one + more })];
      expect(memoryKiB + less.swapKiB).toBeGreaterThanOrEqual(one + less.reserveKiB);
      expect(greater.swapKiB).toBeGreaterThanOrEqual(less.swapKiB);
      expect(greater.memoryRatio).toBeGreaterThan(less.memoryRatio);
    }));
  });
});
