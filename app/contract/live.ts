// Statistics of what is on screen. Nothing is polled that nobody watches.
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { uuidOf } from './guests.ts';
import { z } from './schema.ts';

/** Which groups of statistics: each costs the host time. */
export const groups = ['cpu', 'memory', 'disk', 'disks', 'network', 'nics', 'vcpu', 'vcpuPlace', 'hostCpu', 'hostMemory'] as const;
export type Group = (typeof groups)[number];

const amount = z.number().nullable();

/** What a guest's balloon tells of its memory: KiB, and faults and KiB for each second; null where it does not tell. */
export const memorySample = z.object({
  /** What the balloon leaves the guest at this moment. */
  actual: z.number(),
  /** What the guest's system counts as its own, and how much of it could be given to a new program. */
  available: amount,
  usable: amount,
  unused: amount,
  caches: amount,
  /** What QEMU's process holds on the host. */
  rss: amount,
  majorFaults: amount,
  minorFaults: amount,
  swapIn: amount,
  swapOut: amount,
  /** When the guest told this, in seconds since 1970; 0 = never. */
  lastUpdate: amount,
});
export type MemorySample = z.infer<typeof memorySample>;

/** Rates of one guest since the sample before; null where the host told nothing or counters restarted. */
export const guestSample = z.object({
  uuid: z.string(),
  /** CPUs in use: 1 = one host CPU fully. */
  cpu: z.number().nullable(),
  /** CPUs' worth of time in which its vCPUs wanted to run and something else was ahead of them (`vcpu.N.wait`), and in which they were queued for a CPU of the host, which the guest sees as stolen (`vcpu.N.delay`); null where vCPUs were not asked for. */
  wait: amount,
  steal: amount,
  /** Bytes in use inside the guest when its balloon tells, otherwise resident on the host. */
  memoryUsedKiB: z.number().nullable(),
  /** Null where memory was not asked for. */
  memory: memorySample.nullable(),
  diskReadBytes: z.number().nullable(),
  diskWriteBytes: z.number().nullable(),
  networkReceiveBytes: z.number().nullable(),
  networkTransmitBytes: z.number().nullable(),
  /** CPUs in use by each vCPU. */
  vcpus: z.array(z.number().nullable()).nullable(),
});
export type GuestSample = z.infer<typeof guestSample>;

/** The numbers that are kept of every guest for as long as anything is. */
export const guestSeries = ['cpu', 'memoryUsedKiB', 'diskReadBytes', 'diskWriteBytes', 'networkReceiveBytes', 'networkTransmitBytes'] as const satisfies readonly (keyof GuestSample)[];

/** How far back: five minutes by the second, two hours by ten seconds, seven days by five minutes. */
export const ranges = ['minutes', 'hours', 'days'] as const;
export type Range = (typeof ranges)[number];

/** What became of a guest, as its host told it. */
export const happenings = ['started', 'stopped', 'crashed', 'paused', 'resumed', 'migrated-here', 'migrated-away'] as const;
export type Happening = (typeof happenings)[number];

/** A part of what a guest did. */
export const past = z.object({
  /** The newest slot that is whole: a number of steps since 1970, which a later question names to get only what is newer. */
  last: z.number().int(),
  /** Milliseconds that a slot takes, and when the newest ends in milliseconds since 1970. */
  step: z.number(),
  end: z.number(),
  /** The values are all that is kept, and not only those after the slot that was named. */
  whole: z.boolean(),
  /** By name: those of `guestSeries`, `memory.actual`, `memory.caches`, `wait`, `steal`, `vcpu.0`, `disk.vda.readBytes`, `nic.vnet0.receiveBytes`; oldest first, up to `last`, null where nothing is known. Of a host `cpu` (CPUs' worth of load), `cpu.0` (0..1), `memoryUsedKiB`, `memory.caches`, `node.0` (KiB not free). Days have those of `guestSeries` alone. */
  series: z.array(z.object({ name: z.string(), values: z.array(amount) })),
  /** The last happenings, oldest first, in milliseconds since 1970. */
  marks: z.array(z.object({ at: z.number(), what: z.enum(happenings) })),
});
export type Past = z.infer<typeof past>;

/** What one disk does each second since the sample before, by its target; latencies are nanoseconds that one request took in the mean, null where there was none. */
export const diskSample = z.object({ target: z.string(), readBytes: amount, writeBytes: amount, readRequests: amount, writeRequests: amount, readLatency: amount, writeLatency: amount });
export type DiskSample = z.infer<typeof diskSample>;

/** Bytes that one NIC brings the guest and takes from it each second since the sample before, by the host's device of it: `vnet3`. */
export const nicSample = z.object({ device: z.string(), receiveBytes: amount, transmitBytes: amount });
export type NicSample = z.infer<typeof nicSample>;

export const live = {
  asks: {
    /** What this window shows now; replaces what it said before. An empty list stops everything. */
    watch: ask({ interests: z.array(z.object({ host: hostIdOf, groups: z.array(z.enum(groups)), uuids: z.array(uuidOf).max(5000).nullable() })).max(200) }, done),
    /** What a guest did, or with null the host itself, as far as somebody watched it: the slots after `after`, or all of the range when that is null or too long ago. */
    past: ask({ host: hostIdOf, uuid: uuidOf.nullable(), range: z.enum(ranges), after: z.number().int().nullable() }, past),
  },
  news: {
    /** One tick of one host; `hostCpus` are loads 0..1 by CPU number, `places` the host CPU that each vCPU of a guest runs on, by its number, `disks` and `nics` those of the guests for which they were asked one by one. */
    sample: z.object({
      host: hostIdOf, at: z.number(), guests: z.array(guestSample), hostCpus: z.array(z.number().nullable()).nullable(),
      places: z.array(z.object({ uuid: z.string(), cpus: z.array(z.number().int().nullable()) })),
      disks: z.array(z.object({ uuid: z.string(), disks: z.array(diskSample) })),
      nics: z.array(z.object({ uuid: z.string(), nics: z.array(nicSample) })),
    }),
  },
};
