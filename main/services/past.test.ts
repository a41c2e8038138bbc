// What guests did: minutes and hours from memory, days from the disk, checked and within bounds.
import fc from 'fast-check';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from './folder.test-peer.ts';
import { hostNumbers } from './host-counters.ts';
import { guestNumbers, Past } from './past.ts';
import type { GuestSample } from './rates.ts';
import { days, SampleFiles } from './sample-files.ts';

const start = 1_790_000_100_000;
const sample = (cpu: number | null, vcpus: number | null = null): GuestSample => ({
  uuid: 'a', cpu, wait: 0.5, steal: 0.25, memoryUsedKiB: 5, memory: null, diskReadBytes: null, diskWriteBytes: null, networkReceiveBytes: null, networkTransmitBytes: null,
  vcpus: vcpus === null ? null : Array.from({ length: vcpus }, () => 1),
});
const complaints: unknown[] = [];
const fresh = async () => {
  const folder = join(await testFolder(), 'samples');
  return { folder, past: new Past(folder, (error) => complaints.push(error)) };
};
const recorded = (cpu: number | null, vcpus: number | null = null) => guestNumbers({ guest: sample(cpu, vcpus), disks: [], nics: [] });
/** A guest that is sampled each second. */
const run = (past: Past, guest: string, from: number, seconds: number, cpu: number): void => {
  for (let second = 0; second < seconds; second += 1) {
    const at = from + second * 1_000;
    past.turn(at);
    past.record(guest, at, second === 0 ? null : at - 1_000, recorded(cpu));
  }
};
const valuesOf = ({ series }: { readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[] }, name: string): readonly (number | null)[] => series.find((one) => one.name === name)?.values ?? [];

describe('the past of a guest', () => {
  it('is told whole at first, then only what is newer', async () => {
    const { past } = await fresh();
    run(past, 'a', start, 20, 2);
    const first = await past.read('a', 'minutes', null, start + 19_000);
    expect([first.whole, first.last, first.step, valuesOf(first, 'cpu').length, valuesOf(first, 'cpu').filter((one) => one === 2).length]).toEqual([true, (start + 19_000) / 1_000, 1_000, 300, 20]);
    run(past, 'a', start + 20_000, 1, 3);
    const next = await past.read('a', 'minutes', first.last, start + 20_000);
    expect([next.whole, valuesOf(next, 'cpu')]).toEqual([false, [3]]);
    // As a page has it that slept for long, or that another main told.
    expect([(await past.read('a', 'minutes', first.last - 400, start + 20_000)).whole, (await past.read('a', 'minutes', first.last + 400, start + 20_000)).whole]).toEqual([true, true]);
    expect((await past.read('nobody', 'hours', null, start)).series).toEqual([]);
  });

  it('is kept for days on the disk, over a restart', async () => {
    const { folder, past } = await fresh();
    run(past, 'a', start, 601, 2);
    await past.close();
    const again = new Past(folder, (error) => complaints.push(error));
    const told = await again.read('a', 'days', null, start + 601_000);
    expect([told.step, valuesOf(told, 'cpu').length, valuesOf(told, 'cpu').slice(-3), valuesOf(told, 'memoryUsedKiB').at(-1), valuesOf(told, 'diskReadBytes').at(-1)]).toEqual([300_000, 2016, [null, 2, 2], 5, null]);
    expect(complaints).toEqual([]);
  });

  it('is kept for days of each vCPU, disk and NIC too, whose name on the host changes with every start', async () => {
    const { folder, past } = await fresh();
    const disk = { target: 'vda', readBytes: 1, writeBytes: 2, readRequests: 3, writeRequests: 4, readLatency: 5, writeLatency: null };
    const nics = (...devices: readonly string[]) => devices.map((device, place) => ({ device, receiveBytes: 10 + place, transmitBytes: 20 }));
    const watch = (from: number, devices: readonly string[]): void => {
      for (let at = from; at < from + 300_000; at += 1_000) {
        past.turn(at);
        past.record('a', at, at - 1_000, guestNumbers({ guest: { ...sample(1, 8), memory: null }, disks: [disk], nics: nics(...devices) }));
      }
    };
    watch(start, ['vnet0', 'vnet1']);
    watch(start + 300_000, ['vnet7', 'vnet8']);
    past.record('b', start + 599_000, null, hostNumbers([0.5, null, 0.25], { used: 7, caches: 3, nodes: new Map([[0, 4], [1, 3]]) }));
    await past.close();
    const again = new Past(folder, (error) => complaints.push(error));
    const ends = (told: Awaited<ReturnType<Past['read']>>) => Object.fromEntries(told.series.map(({ name, values }) => [name, values.slice(-2)]));
    expect(ends(await again.read('a', 'days', null, start + 600_000))).toEqual({
      cpu: [1, 1], memoryUsedKiB: [5, 5], diskReadBytes: [null, null], diskWriteBytes: [null, null], networkReceiveBytes: [null, null], networkTransmitBytes: [null, null],
      wait: [0.5, 0.5], steal: [0.25, 0.25], ...Object.fromEntries(Array.from({ length: 8 }, (_, vcpu) => [`vcpu.${vcpu}`, [1, 1]])),
      'disk.vda.readBytes': [1, 1], 'disk.vda.writeBytes': [2, 2], 'disk.vda.readRequests': [3, 3], 'disk.vda.writeRequests': [4, 4], 'disk.vda.readLatency': [5, 5],
      'nic.1.receiveBytes': [10, 10], 'nic.1.transmitBytes': [20, 20], 'nic.2.receiveBytes': [11, 11], 'nic.2.transmitBytes': [20, 20],
    });
    const host = await again.read('b', 'days', null, start + 600_000);
    expect(ends(host)).toMatchObject({ cpu: [null, 0.75], memoryUsedKiB: [null, 7], 'memory.caches': [null, 3], 'cpu.0': [null, 0.5], 'cpu.2': [null, 0.25], 'node.0': [null, 4], 'node.1': [null, 3] });
    expect(host.series.map(({ name }) => name)).not.toContain('cpu.1');
    expect(complaints).toEqual([]);
  });

  it('takes no more memory than its budget, however many vCPUs the guest has', async () => {
    const { past } = await fresh();
    past.record('a', start, null, recorded(1, 16_384));
    const { series } = await past.read('a', 'minutes', null, start);
    expect(series.length).toBeLessThan(260);
    expect(valuesOf({ series }, 'cpu').at(-1)).toBe(1);
  });

  it('takes 40 KB for a guest in a list, so that 5,000 stay far below 600 MB', async () => {
    const { past } = await fresh();
    const before = process.memoryUsage().arrayBuffers;
    for (let guest = 0; guest < 200; guest += 1) past.record(`${guest}`, start, null, guestNumbers({ disks: [], nics: [], guest: { ...sample(1), memory: { actual: 1, available: 1, usable: 1, unused: 1, caches: 1, rss: 1, majorFaults: 1, minorFaults: 1, swapIn: 1, swapOut: 1, lastUpdate: 1 }, diskReadBytes: 1, diskWriteBytes: 1, networkReceiveBytes: 1, networkTransmitBytes: 1 } }));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 40_000);
    expect((await past.read('199', 'minutes', null, start)).series).toHaveLength(8);
  });

  it('is forgotten in memory when two hours have passed, and makes room for disks that are new', async () => {
    const { past } = await fresh();
    run(past, 'a', start, 2, 1);
    run(past, 'b', start + 7_500_000, 2, 1);
    expect((await past.read('a', 'hours', null, start + 7_500_000)).series).toEqual([]);
    expect((await past.read('b', 'hours', null, start + 7_510_000)).series.length).toBeGreaterThan(0);
    await past.close();
  });
});

describe('files of samples', () => {
  it('are of fixed size, and give back what was written at its time alone', async () => {
    const folder = join(await testFolder(), 'samples');
    const files = new SampleFiles(folder);
    const slot = Math.floor(start / days.step);
    for (let each = 0; each < 2_100; each += 84) await files.write('a', '', { slot: slot + each, values: [each, 1, 2, 3, 4, 5] });
    const [name] = await readdir(folder);
    expect((await stat(join(folder, name ?? ''))).size).toBeLessThanOrEqual(days.slots * 32);
    const [first, second] = await files.read('a', '', slot + 2_015, slot + 2_017);
    expect([first, second]).toEqual([[2_016, Number.NaN], [1, Number.NaN]]);
    expect((await files.read('a', '', slot - 1, slot))[0]).toEqual([Number.NaN]);
  });

  it('are not believed where they are damaged', async () => {
    const folder = join(await testFolder(), 'samples');
    const files = new SampleFiles(folder);
    const slot = 2016 * 3;
    await files.write('a', '', { slot, values: [1, 2, 3, 4, 5, 6] });
    const path = join(folder, (await readdir(folder))[0] ?? '');
    const whole = await readFile(path);
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), async (place, change) => {
      const damaged = Buffer.from(whole);
      damaged[place] = (damaged[place] ?? 0) ^ change;
      await writeFile(path, damaged);
      expect((await files.read('a', '', slot - 1, slot))[0]).toEqual([Number.NaN]);
    }), { numRuns: 40 });
    await writeFile(path, whole.subarray(0, 20));
    expect((await files.read('a', '', slot - 1, slot))[0]).toEqual([Number.NaN]);
  });

  it('are a file for each part: the guest as a whole in the one that older versions wrote, no guest told of parts of another', async () => {
    const folder = join(await testFolder(), 'samples');
    const files = new SampleFiles(folder);
    const names = ['more', 'disk.../../etc/passwd', 'nic.1', 'vcpu.0'];
    for (const part of ['', ...names]) await files.write('a', part, { slot: 1, values: [] });
    expect(await files.parts('a')).toEqual([...names].sort());
    expect([await files.parts('b'), await new SampleFiles(join(folder, 'missing')).parts('a')]).toEqual([[], []]);
    expect((await readdir(folder)).sort()[0]).toBe('ca978112ca1bbdcafac231b39a23dc4d');
  });

  it('go when nothing in them can be shown any more', async () => {
    const folder = join(await testFolder(), 'samples');
    const files = new SampleFiles(folder);
    await files.write('old', '', { slot: 1, values: [] });
    const [old] = await readdir(folder);
    await files.write('new', 'disk.vda', { slot: 1, values: [] });
    await utimes(join(folder, old ?? ''), 1, 1);
    await files.prune(Date.now());
    expect(await readdir(folder)).toHaveLength(1);
    expect(await readdir(folder)).not.toContain(old);
    await new SampleFiles(join(folder, 'missing')).prune(Date.now());
  });
});
