// From counters to rates, whatever a host may send.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TypedParam } from '../libvirt/objects.ts';
import { Statistics } from '../libvirt/statistics.ts';
import { comparable, disksOf, hostCpuLoad, nicsOf, type Reading, restAfter, sampleOf } from './rates.ts';

const readingOf = (when: Omit<Reading, 'stats'>, params: readonly TypedParam[]): Reading => ({ ...when, stats: new Statistics(params) });
const when = (at: number): Omit<Reading, 'stats'> => ({ at, took: 0, run: 1 });
const counter = (field: string, value: bigint): TypedParam => ({ field, value: { type: 4, value } });
const reading = (at: number, fields: Readonly<Record<string, bigint>>) => readingOf(when(at), Object.entries(fields).map(([field, value]) => counter(field, value)));

const fields = ['cpu.time', 'balloon.current', 'balloon.major_fault', 'balloon.last-update', 'balloon.available', 'balloon.usable', 'balloon.unused', 'balloon.rss', 'block.count', 'block.0.rd.bytes', 'block.0.wr.bytes', 'block.1.rd.bytes', 'net.count', 'net.0.rx.bytes', 'net.0.tx.bytes', 'vcpu.maximum', 'vcpu.0.time', 'vcpu.1.time'] as const;
const big = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const value: fc.Arbitrary<TypedParam['value']> = fc.oneof(
  big.map((number) => ({ type: 4 as const, value: number })),
  fc.bigInt({ min: 0n, max: 40n }).map((number) => ({ type: 4 as const, value: number })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => ({ type: 3 as const, value: number })),
  fc.double().map((number) => ({ type: 5 as const, value: number })),
  fc.constantFrom('', 'text').map((text) => ({ type: 7 as const, value: text })),
);
const params = fc.uniqueArray(fc.record({ field: fc.constantFrom(...fields), value }), { selector: ({ field }) => field });

describe('a sample', () => {
  it('is CPUs and bytes for each second between two readings', () => {
    const before = reading(1_000, { 'cpu.time': 5_000_000_000n, 'block.count': 2n, 'block.0.rd.bytes': 100n, 'block.1.rd.bytes': 100n, 'net.count': 1n, 'net.0.tx.bytes': 7n, 'vcpu.maximum': 2n, 'vcpu.0.time': 0n });
    const now = reading(3_000, { 'cpu.time': 8_000_000_000n, 'block.count': 2n, 'block.0.rd.bytes': 300n, 'block.1.rd.bytes': 500n, 'net.count': 1n, 'net.0.tx.bytes': 7n, 'vcpu.maximum': 2n, 'vcpu.0.time': 1_000_000_000n, 'balloon.available': 1000n, 'balloon.usable': 400n, 'balloon.rss': 5n });
    expect(sampleOf('a', now, before)).toEqual({
      uuid: 'a', cpu: 1.5, wait: null, steal: null, memoryUsedKiB: 600, memory: null, diskReadBytes: 300, diskWriteBytes: null, networkReceiveBytes: null, networkTransmitBytes: 0, vcpus: [0.5, null],
    });
  });

  it('has no rate without a reading before, of counters that went back, and in no time', () => {
    const early = reading(1_000, { 'cpu.time': 9n, 'block.count': 1n, 'block.0.rd.bytes': 9n });
    const late = reading(2_000, { 'cpu.time': 8n, 'block.count': 1n, 'block.0.rd.bytes': 10n });
    expect([sampleOf('a', late, null).cpu, sampleOf('a', late, early).cpu, sampleOf('a', late, late).diskReadBytes]).toEqual([null, null, null]);
    expect(sampleOf('a', late, early).diskReadBytes).toBe(1);
  });

  it('counts a disk that came in between from the next reading on, however much it had done', () => {
    const disks = (at: number, ...read: readonly (readonly [string, bigint])[]) => readingOf(when(at), [counter('block.count', BigInt(read.length)), ...read.flatMap(([name, bytes], place): TypedParam[] => [{ field: `block.${place}.name`, value: { type: 7, value: name } }, counter(`block.${place}.rd.bytes`, bytes)])]);
    const [early, late, later] = [disks(0, ['vda', 10n]), disks(1_000, ['vda', 30n], ['vdb', 9_000_000_000n]), disks(2_000, ['vda', 40n], ['vdb', 9_000_000_005n])];
    expect([sampleOf('a', late, early).diskReadBytes, sampleOf('a', later, late).diskReadBytes, sampleOf('a', disks(3_000, ['vdb', 9_000_000_005n]), later).diskReadBytes]).toEqual([20, 15, null]);
  });

  it('tells how long vCPUs waited and how much was stolen of them, together', () => {
    const before = reading(0, { 'vcpu.maximum': 2n, 'vcpu.0.wait': 0n, 'vcpu.1.wait': 0n, 'vcpu.0.delay': 5n });
    const now = reading(1_000, { 'vcpu.maximum': 2n, 'vcpu.0.wait': 250_000_000n, 'vcpu.1.wait': 250_000_000n, 'vcpu.0.delay': 500_000_005n });
    expect(sampleOf('a', now, before)).toMatchObject({ wait: 0.5, steal: 0.5 });
  });

  it('tells of memory what the balloon tells, faults and swapping for each second', () => {
    const before = reading(0, { 'balloon.current': 900n, 'balloon.major_fault': 10n, 'balloon.swap_in': 4n });
    const now = reading(2_000, { 'balloon.current': 800n, 'balloon.available': 700n, 'balloon.usable': 300n, 'balloon.unused': 200n, 'balloon.disk_caches': 90n, 'balloon.rss': 950n, 'balloon.major_fault': 16n, 'balloon.swap_in': 4n, 'balloon.last-update': 7n });
    expect(sampleOf('a', now, before).memory).toEqual({
      actual: 800, available: 700, usable: 300, unused: 200, caches: 90, rss: 950, majorFaults: 3, minorFaults: null, swapIn: 0, swapOut: null, lastUpdate: 7,
    });
  });

  it('falls back to what the process holds when the balloon does not tell', () => {
    expect(sampleOf('a', reading(0, { 'balloon.available': 10n, 'balloon.rss': 5n }), null).memoryUsedKiB).toBe(5);
    expect(sampleOf('a', reading(0, { 'balloon.available': 10n, 'balloon.unused': 4n }), null).memoryUsedKiB).toBe(6);
  });

  it('is null or a number from 0 in every field, and small, whatever was read', () => {
    fc.assert(fc.property(params, params, fc.integer({ min: 0, max: 10_000 }), (before, now, passed) => {
      const { uuid, vcpus, memory, ...numbers } = sampleOf('a', readingOf(when(passed), now), readingOf(when(0), before));
      expect(uuid).toBe('a');
      expect([...Object.values(numbers), ...(vcpus ?? []), ...Object.values(memory ?? {})].filter((each) => each !== null && !(Number.isFinite(each) && each >= 0))).toEqual([]);
      expect(vcpus?.length ?? 0).toBeLessThanOrEqual(16_384);
    }), { numRuns: 60 });
  });
});

describe('two readings', () => {
  const between = (now: Partial<Omit<Reading, 'stats'>>, before: Partial<Omit<Reading, 'stats'>>): boolean =>
    comparable(readingOf({ ...when(2_000), ...now }, []), readingOf({ ...when(1_000), ...before }, [])) !== null;
  it('make no rate over a start of the guest, a long silence, no time, and answers of which one took much longer', () => {
    expect([between({}, {}), between({ took: 300 }, {}), between({ at: 11_000, took: 8_000 }, { took: 8_200 })]).toEqual([true, true, true]);
    expect([between({ run: 2 }, {}), between({ at: 40_000 }, {}), between({ at: 1_000 }, {}), between({ at: 500 }, {}), between({ took: 400 }, {}), between({}, { took: 8_000 })]).toEqual([false, false, false, false, false, false]);
    expect(comparable(readingOf(when(1), []), null)).toBeNull();
  });

  it('make no spike of a steady counter, however long the host takes and whenever within that it looks', () => {
    const took = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20_000 }));
    const answers = fc.array(fc.record({ took, looked: fc.double({ min: 0, max: 1, noNaN: true }), restarted: fc.boolean() }), { minLength: 2, maxLength: 30 });
    fc.assert(fc.property(answers, (each) => {
      let [asked, run, began] = [0, 1, -1_000];
      let before: Reading | null = null;
      for (const answer of each) {
        const looked = asked + answer.took * answer.looked;
        if (answer.restarted) [run, began] = [run + 1, looked - 1];
        // One CPU, busy since the guest was started.
        const now = readingOf({ at: asked + answer.took, took: answer.took, run }, [counter('cpu.time', BigInt(Math.round((looked - began) * 1e6)))]);
        const { cpu } = sampleOf('a', now, comparable(now, before));
        expect(cpu === null || (cpu >= 0 && cpu < 2.5)).toBe(true);
        before = now;
        asked += answer.took + restAfter(answer.took);
      }
    }));
  });
});

describe('NICs', () => {
  const nics = (at: number, ...bytes: readonly (readonly [string, bigint])[]) => readingOf(when(at), [
    counter('net.count', BigInt(bytes.length)),
    ...bytes.flatMap(([name, received], place): TypedParam[] => [{ field: `net.${place}.name`, value: { type: 7, value: name } }, counter(`net.${place}.rx.bytes`, received), counter(`net.${place}.tx.bytes`, received / 10n)]),
  ]);
  it('are told one by one, by the host’s device of each; one without is not counted by libvirt', () => {
    expect(nicsOf(nics(2_000, ['vnet0', 300n], ['', 900n], ['vnet2', 50n]), nics(0, ['vnet0', 100n], ['', 100n], ['vnet2', 50n]))).toEqual([
      { device: 'vnet0', receiveBytes: 100, transmitBytes: 10 }, { device: 'vnet2', receiveBytes: 0, transmitBytes: 0 },
    ]);
  });
  it('have no rate where another was before, and are none where the host tells none', () => {
    expect(nicsOf(nics(2_000, ['vnet5', 300n]), nics(0, ['vnet0', 100n]))).toEqual([{ device: 'vnet5', receiveBytes: null, transmitBytes: null }]);
    expect(nicsOf(reading(0, { 'net.count': 1_000_000_000n }), null)).toEqual([]);
  });
});

describe('disks', () => {
  const disks = (at: number, ...bytes: readonly (readonly [string, bigint])[]) => readingOf(when(at), [
    counter('block.count', BigInt(bytes.length)),
    ...bytes.flatMap(([name, read], place): TypedParam[] => [{ field: `block.${place}.name`, value: { type: 7, value: name } }, counter(`block.${place}.rd.bytes`, read), counter(`block.${place}.wr.reqs`, read / 10n), counter(`block.${place}.wr.times`, read * 5n)]),
  ]);
  it('are told one by one, by their targets', () => {
    expect(disksOf(disks(2_000, ['vda', 300n], ['vdb', 50n]), disks(0, ['vda', 100n], ['vdb', 50n]))).toEqual([
      { target: 'vda', readBytes: 100, writeBytes: null, readRequests: null, writeRequests: 10, readLatency: null, writeLatency: 50 },
      { target: 'vdb', readBytes: 0, writeBytes: null, readRequests: null, writeRequests: 0, readLatency: null, writeLatency: null },
    ]);
  });
  it('have no rate where another disk was before, and are none where the host tells none', () => {
    expect(disksOf(disks(2_000, ['vdb', 300n]), disks(0, ['vda', 100n], ['vdb', 50n]))).toMatchObject([{ target: 'vdb', readBytes: null, writeRequests: null }]);
    expect(disksOf(reading(0, { 'block.count': 1_000_000_000n }), null)).toEqual([]);
  });
});

describe('the load of a host CPU', () => {
  it('is the part that is neither idle nor waiting for disks', () => {
    expect(hostCpuLoad({ kernel: 15n, user: 20n, idle: 60n, iowait: 5n }, { kernel: 5n, user: 10n, idle: 0n, iowait: 0n })).toBeCloseTo(20 / 85);
  });
  it('is null or 0 to 1, whatever was read', () => {
    const times = fc.dictionary(fc.constantFrom('kernel', 'user', 'idle', 'iowait', 'intr'), big);
    fc.assert(fc.property(times, times, (now, before) => {
      const load = hostCpuLoad(now, before);
      expect(load === null || (load >= 0 && load <= 1)).toBe(true);
    }));
    expect(hostCpuLoad({ idle: 1n }, null)).toBeNull();
    expect(hostCpuLoad({ idle: 5n, user: 7n }, { idle: 5n, user: 8n })).toBeNull();
  });
});
