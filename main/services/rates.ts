// From counters to rates: two readings of a guest's statistics make a sample; what cannot be known stays null.
import type { DiskSample, GuestSeries, MemorySample } from '../../app/contract/live.ts';
import { max } from '../libvirt/objects.ts';
import type { Statistics } from '../libvirt/statistics.ts';

/** One reading: when it arrived (milliseconds, never going back), how long the host took to answer, and what it told. */
export interface Reading {
  readonly at: number;
  readonly took: number;
  /** Which run of the guest: another number after each start. */
  readonly run: number;
  readonly stats: Statistics;
}

/** What can be known of one guest between two readings; null where the host told nothing or counters restarted. */
export interface GuestSample extends Readonly<Record<GuestSeries, number | null>> {
  readonly uuid: string;
  /** CPUs' worth of time in which its vCPUs wanted to run and something else was ahead of them (`vcpu.N.wait`), and in which they were queued for a CPU of the host, which the guest sees as stolen (`vcpu.N.delay`). */
  readonly wait: number | null;
  readonly steal: number | null;
  readonly memory: MemorySample | null;
  /** CPUs in use by each vCPU; null where vCPUs were not asked for. */
  readonly vcpus: readonly (number | null)[] | null;
}

/** Bytes that one NIC brings the guest and takes from it each second since the reading before, by the host's device of it: `vnet3`. */
export interface NicSample {
  readonly device: string;
  readonly receiveBytes: number | null;
  readonly transmitBytes: number | null;
}

/** Milliseconds between ticks, of a host that answers at once and of one that takes its time. */
const periods = { shortest: 1_000, longest: 10_000 } as const;
/** A period is this many times as long as the host took to answer. */
const answersInPeriod = 4;

/** Milliseconds to wait before a host is asked again; one that takes longer than the longest period has a rest after all. */
export const restAfter = (took: number): number =>
  Math.max(Math.min(Math.max(took * answersInPeriod, periods.shortest), periods.longest) - took, took / answersInPeriod);

/** Readings further apart than this, in milliseconds, make no rate: nobody looked in between, or the host slept. */
export const furthest = 30_000;
/** The host reads its counters at some time within its answer's. Where two answers took too different a time to know what time passed between them, in parts of that time, there is no rate. */
const unsure = 1 / 3;

/** The reading before, if a rate can be had between the two: of the same run of the guest, and with a time in between that is known well enough. */
export const comparable = (now: Reading, before: Reading | null): Reading | null => {
  if (before === null || before.run !== now.run) return null;
  const passed = now.at - before.at;
  return passed > 0 && passed <= furthest && Math.abs(now.took - before.took) <= passed * unsure ? before : null;
};

/** Units of a counter for each second; null when it is not known, or went backwards because the guest restarted. */
const rate = (now: number | null, before: number | null, milliseconds: number): number | null =>
  now === null || before === null || now < before || milliseconds <= 0 ? null : ((now - before) / milliseconds) * 1000;

/** The rates of one counter of all devices of a group together, such as `block.0.rd.bytes`; of those alone that were in their places before. Null when there is none. */
const sumOf = (now: Reading, between: Between, group: string, field: string): number | null => {
  const count = now.stats.number(`${group}.count`);
  if (count === null) return null;
  let total: number | null = null;
  // Not more than there are fields, whatever the host says.
  const most = Math.min(count, now.stats.count);
  for (let index = 0; index < most; index++) {
    const name = now.stats.text(`${group}.${index}.name`);
    // Another device in this place has counters of its own.
    const value = between((stats) => (stats.text(`${group}.${index}.name`) === name ? stats.number(`${group}.${index}.${field}`) : null));
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
};

const nanoseconds = 1e9;

/** Memory in use: what the guest says it uses, else what its process holds on the host. KiB. */
const memoryUsed = (stats: Statistics): number | null => {
  const [available, usable, unused, rss] = ['available', 'usable', 'unused', 'rss'].map((field) => stats.number(`balloon.${field}`));
  const free = usable ?? unused;
  return available != null && free != null ? Math.max(available - free, 0) : (rss ?? null);
};

const memoryOf = (stats: Statistics, between: Between): MemorySample | null => {
  const actual = stats.number('balloon.current');
  if (actual === null) return null;
  const told = (field: string): number | null => stats.number(`balloon.${field}`);
  const each = (field: string): number | null => between((of) => of.number(`balloon.${field}`));
  return {
    actual, available: told('available'), usable: told('usable'), unused: told('unused'), caches: told('disk_caches'), rss: told('rss'),
    majorFaults: each('major_fault'), minorFaults: each('minor_fault'), swapIn: each('swap_in'), swapOut: each('swap_out'), lastUpdate: told('last-update'),
  };
};

/** The rate of a counter for each second. */
type Between = (value: (stats: Statistics) => number | null) => number | null;
const betweenOf = (now: Reading, before: Reading | null): Between => (value) =>
  before === null ? null : rate(value(now.stats), value(before.stats), now.at - before.at);

/** Each disk by itself, under its target; a place that another disk had in the reading before has no rate yet. */
export const disksOf = (now: Reading, before: Reading | null): DiskSample[] => {
  const between = betweenOf(now, before);
  const count = Math.min(now.stats.number('block.count') ?? 0, now.stats.count);
  return Array.from({ length: count }, (_, place) => place).flatMap((place) => {
    const target = now.stats.text(`block.${place}.name`);
    if (target === null) return [];
    const each = (field: string): number | null => between((stats) => (stats.text(`block.${place}.name`) === target ? stats.number(`block.${place}.${field}`) : null));
    const latency = (way: 'rd' | 'wr'): number | null => {
      const [requests, times] = [each(`${way}.reqs`), each(`${way}.times`)];
      return requests === null || requests === 0 || times === null ? null : times / requests;
    };
    return [{ target, readBytes: each('rd.bytes'), writeBytes: each('wr.bytes'), readRequests: each('rd.reqs'), writeRequests: each('wr.reqs'), readLatency: latency('rd'), writeLatency: latency('wr') }];
  });
};

/** Each NIC that the host has a device of; a place that another had in the reading before has no rate yet. */
export const nicsOf = (now: Reading, before: Reading | null): NicSample[] => {
  const between = betweenOf(now, before);
  const count = Math.min(now.stats.number('net.count') ?? 0, now.stats.count);
  return Array.from({ length: count }, (_, place) => place).flatMap((place) => {
    const device = now.stats.text(`net.${place}.name`);
    if (device === null || device === '') return [];
    const each = (field: string): number | null => between((stats) => (stats.text(`net.${place}.name`) === device ? stats.number(`net.${place}.${field}`) : null));
    return [{ device, receiveBytes: each('rx.bytes'), transmitBytes: each('tx.bytes') }];
  });
};

/** The sample between two readings of one guest; without a reading before, only what is no rate. */
export const sampleOf = (uuid: string, now: Reading, before: Reading | null): GuestSample => {
  const between = betweenOf(now, before);
  const cpus = (field: string): number | null => {
    const used = between((stats) => stats.number(field));
    return used === null ? null : used / nanoseconds;
  };
  const vcpus = now.stats.number('vcpu.maximum');
  const places = vcpus === null ? [] : Array.from({ length: Math.min(vcpus, max.vcpuinfo) }, (_, index) => index);
  const together = (field: string): number | null => places.reduce<number | null>((sum, place) => {
    const value = cpus(`vcpu.${place}.${field}`);
    return value === null ? sum : (sum ?? 0) + value;
  }, null);
  return {
    uuid,
    cpu: cpus('cpu.time'),
    wait: together('wait'),
    steal: together('delay'),
    memoryUsedKiB: memoryUsed(now.stats),
    memory: memoryOf(now.stats, between),
    diskReadBytes: sumOf(now, between, 'block', 'rd.bytes'),
    diskWriteBytes: sumOf(now, between, 'block', 'wr.bytes'),
    networkReceiveBytes: sumOf(now, between, 'net', 'rx.bytes'),
    networkTransmitBytes: sumOf(now, between, 'net', 'tx.bytes'),
    vcpus: vcpus === null ? null : places.map((place) => cpus(`vcpu.${place}.time`)),
  };
};

/** Load 0..1 of one host CPU from its times in ns (`idle` and `iowait` are not load); null without a reading before. */
export const hostCpuLoad = (now: Readonly<Record<string, bigint>>, before: Readonly<Record<string, bigint>> | null): number | null => {
  if (before === null) return null;
  const passed = Object.entries(now).flatMap(([field, time]) => {
    const earlier = before[field];
    return earlier === undefined ? [] : [{ idle: field === 'idle' || field === 'iowait', time: Number(time - earlier) }];
  });
  const total = passed.reduce((all, { time }) => all + time, 0);
  const idle = passed.reduce((all, one) => all + (one.idle ? one.time : 0), 0);
  return total <= 0 || passed.some(({ time }) => time < 0) ? null : Math.min(Math.max((total - idle) / total, 0), 1);
};
