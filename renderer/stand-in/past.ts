// A past for the stand-in's guests: waves, with a gap in them and a start.
import type { Past, Range } from '../../app/contract/live.ts';

const steps: Readonly<Record<Range, readonly [step: number, slots: number]>> = { minutes: [1_000, 300], hours: [10_000, 720], days: [300_000, 2016] };
const scales: Readonly<Record<string, number>> = {
  cpu: 5, memoryUsedKiB: 20 * 1024 ** 2, diskReadBytes: 4e6, diskWriteBytes: 9e6, networkReceiveBytes: 2e7, networkTransmitBytes: 6e6,
  'memory.actual': 32 * 1024 ** 2, 'memory.caches': 5 * 1024 ** 2, wait: 0.3, steal: 0.15, 'vcpu.0': 1, 'vcpu.1': 0.9, 'vcpu.2': 0.7, 'vcpu.3': 0.4,
  'disk.vda.readBytes': 4e6, 'disk.vda.writeBytes': 9e6, 'disk.vda.readRequests': 90, 'disk.vda.writeRequests': 200, 'disk.vda.readLatency': 4e5, 'disk.vda.writeLatency': 1.4e6,
  'nic.vnet0.receiveBytes': 2e7, 'nic.vnet0.transmitBytes': 6e6,
};

const ofHosts: Readonly<Record<string, number>> = {
  cpu: 20, memoryUsedKiB: 150 * 1024 ** 2, 'memory.caches': 60 * 1024 ** 2, 'node.0': 110 * 1024 ** 2, 'node.1': 90 * 1024 ** 2, ...Object.fromEntries(Array.from({ length: 32 }, (_, cpu) => [`cpu.${cpu}`, 1])),
};

/** @param ofHost the past of a host, and not of a guest. @param wave a number in 0..1 by seed and time. */
export const pastOf = (ofHost: boolean, range: Range, after: number | null, now: number, wave: (seed: number, time: number) => number): Past => {
  const [step, slots] = steps[range];
  const last = Math.floor(now / step) - 1;
  const whole = after === null || after > last || after < last - slots;
  const from = whole ? last - slots : after;
  const names = Object.entries(ofHost ? ofHosts : scales).map(([name, scale]) => [range === 'days' ? name.replace('nic.vnet0', 'nic.1') : name, scale] as const);
  return {
    last, step, whole, end: (last + 1) * step,
    marks: [{ at: now - step * slots * 0.55, what: 'stopped', guest: ofHost ? 'db-primary' : null }, { at: now - step * slots * 0.5, what: 'started', guest: ofHost ? 'db-primary' : null }],
    series: names.map(([name, scale], seed) => ({
      name,
      values: Array.from({ length: last - from }, (_, index) => {
        const slot = from + 1 + index;
        const age = last - slot;
        return age > slots * 0.5 && age < slots * 0.55 ? null : Number((scale * wave(seed * 1.3, slot / 4)).toPrecision(5));
      }),
    })),
  };
};
