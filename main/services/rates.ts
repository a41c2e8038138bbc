// From counters to rates: two readings of a guest's statistics make a sample; what cannot be known stays null.
import type { DiskSample, GuestSample, MemorySample, NicSample } from '../../app/contract/live.ts';
import { max, type ParamValue, paramsToRecord, type TypedParam } from '../libvirt/objects.ts';

/** One reading: when (milliseconds, monotonic) and what. */
export interface Reading {
  readonly at: number;
  readonly stats: Readonly<Record<string, ParamValue>>;
}

export const readingOf = (at: number, params: readonly TypedParam[]): Reading => ({ at, stats: paramsToRecord(params) });

type Stats = Reading['stats'];
const number = (value: ParamValue | undefined): number | null => {
  const known = typeof value === 'bigint' || typeof value === 'number' ? Number(value) : null;
  return known === null || !Number.isFinite(known) || known < 0 ? null : known;
};

/** The sum of one field over all devices of a group, such as `block.0.rd.bytes`; null when none has it. */
const sum = (stats: Stats, group: string, field: string): number | null => {
  const count = number(stats[`${group}.count`]);
  if (count === null) return null;
  let total: number | null = null;
  // Not more than there are fields, whatever the host says.
  const most = Math.min(count, Object.keys(stats).length);
  for (let index = 0; index < most; index++) {
    const value = number(stats[`${group}.${index}.${field}`]);
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
};

/** Units of a counter for each second; null when it is not known, or went backwards because the guest restarted. */
const rate = (now: number | null, before: number | null, milliseconds: number): number | null =>
  now === null || before === null || now < before || milliseconds <= 0 ? null : ((now - before) / milliseconds) * 1000;

const nanoseconds = 1e9;

/** Memory in use: what the guest says it uses, else what its process holds on the host. KiB. */
const memoryUsed = (stats: Stats): number | null => {
  const [available, usable, unused, rss] = ['available', 'usable', 'unused', 'rss'].map((field) => number(stats[`balloon.${field}`]));
  const free = usable ?? unused;
  return available != null && free != null ? Math.max(available - free, 0) : (rss ?? null);
};

/** @param between the rate of a counter for each second. */
const memoryOf = (stats: Stats, between: (value: (stats: Stats) => number | null) => number | null): MemorySample | null => {
  const actual = number(stats['balloon.current']);
  if (actual === null) return null;
  const told = (field: string): number | null => number(stats[`balloon.${field}`]);
  const each = (field: string): number | null => between((of) => number(of[`balloon.${field}`]));
  return {
    actual, available: told('available'), usable: told('usable'), unused: told('unused'), caches: told('disk_caches'), rss: told('rss'),
    majorFaults: each('major_fault'), minorFaults: each('minor_fault'), swapIn: each('swap_in'), swapOut: each('swap_out'), lastUpdate: told('last-update'),
  };
};

const betweenOf = (now: Reading, before: Reading | null) => (value: (stats: Stats) => number | null): number | null =>
  before === null ? null : rate(value(now.stats), value(before.stats), now.at - before.at);

/** Each disk by itself, under its target; a place that another disk had in the reading before has no rate yet. */
export const disksOf = (now: Reading, before: Reading | null): DiskSample[] => {
  const between = betweenOf(now, before);
  const count = Math.min(number(now.stats['block.count']) ?? 0, Object.keys(now.stats).length);
  return Array.from({ length: count }, (_, place) => place).flatMap((place) => {
    const target = now.stats[`block.${place}.name`];
    if (typeof target !== 'string') return [];
    const each = (field: string): number | null => between((stats) => (stats[`block.${place}.name`] === target ? number(stats[`block.${place}.${field}`]) : null));
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
  const count = Math.min(number(now.stats['net.count']) ?? 0, Object.keys(now.stats).length);
  return Array.from({ length: count }, (_, place) => place).flatMap((place) => {
    const device = now.stats[`net.${place}.name`];
    if (typeof device !== 'string' || device === '') return [];
    const each = (field: string): number | null => between((stats) => (stats[`net.${place}.name`] === device ? number(stats[`net.${place}.${field}`]) : null));
    return [{ device, receiveBytes: each('rx.bytes'), transmitBytes: each('tx.bytes') }];
  });
};

/** The sample between two readings of one guest; without a reading before, only what is no rate. */
export const sampleOf = (uuid: string, now: Reading, before: Reading | null): GuestSample => {
  const between = betweenOf(now, before);
  const cpus = (field: string): number | null => {
    const used = between((stats) => number(stats[field]));
    return used === null ? null : used / nanoseconds;
  };
  const vcpus = number(now.stats['vcpu.maximum']);
  return {
    uuid,
    cpu: cpus('cpu.time'),
    memoryUsedKiB: memoryUsed(now.stats),
    memory: memoryOf(now.stats, between),
    diskReadBytes: between((stats) => sum(stats, 'block', 'rd.bytes')),
    diskWriteBytes: between((stats) => sum(stats, 'block', 'wr.bytes')),
    networkReceiveBytes: between((stats) => sum(stats, 'net', 'rx.bytes')),
    networkTransmitBytes: between((stats) => sum(stats, 'net', 'tx.bytes')),
    vcpus: vcpus === null ? null : Array.from({ length: Math.min(vcpus, max.vcpuinfo) }, (_, index) => cpus(`vcpu.${index}.time`)),
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
