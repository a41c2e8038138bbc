// Statistics of what is on screen. Nothing is polled that nobody watches.
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { uuidOf } from './guests.ts';
import { z } from './schema.ts';

/** Which groups of statistics: each costs the host time. Of `memory`, `disk` and `network` there is one number for the whole guest; `balloon`, `disks`, `nics` and `vcpu` are for who shows one guest closely. */
export const groups = ['cpu', 'memory', 'balloon', 'disk', 'disks', 'network', 'nics', 'vcpu', 'vcpuPlace', 'hostCpu', 'hostMemory'] as const;
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

/**
 * The numbers of every guest, in the order in which a sample tells them, and kept for as long as anything is: CPUs in use (1 = one host CPU fully),
 * KiB in use inside the guest when its balloon tells, otherwise resident on the host, and bytes for each second since the sample before.
 */
export const guestSeries = ['cpu', 'memoryUsedKiB', 'diskReadBytes', 'diskWriteBytes', 'networkReceiveBytes', 'networkTransmitBytes'] as const;
export type GuestSeries = (typeof guestSeries)[number];

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
  /** By name: those of `guestSeries`, `memory.actual`, `memory.caches`, `wait`, `steal`, `vcpu.0`, `disk.vda.readBytes`, `nic.vnet0.receiveBytes`; oldest first, up to `last`, null where nothing is known. Of a host `cpu` (CPUs' worth of load), `cpu.0` (0..1), `memoryUsedKiB`, `memory.caches`, `node.0` (KiB not free). Days have all of them as far as they were watched, and NICs by their order: `nic.1.receiveBytes`. */
  series: z.array(z.object({ name: z.string(), values: z.array(amount) })),
  /** The last happenings, oldest first, in milliseconds since 1970; of a host those of all its guests, with their names. */
  marks: z.array(z.object({ at: z.number(), what: z.enum(happenings), guest: z.string().nullable() })),
});
export type Past = z.infer<typeof past>;

/** What one disk does each second since the sample before, by its target; latencies are nanoseconds that one request took in the mean, null where there was none. */
export const diskSample = z.object({ target: z.string(), readBytes: amount, writeBytes: amount, readRequests: amount, writeRequests: amount, readLatency: amount, writeLatency: amount });
export type DiskSample = z.infer<typeof diskSample>;

export const live = {
  asks: {
    /** What this window shows now; replaces what it said before. An empty list stops everything. */
    watch: ask({ interests: z.array(z.object({ host: hostIdOf, groups: z.array(z.enum(groups)), uuids: z.array(uuidOf).max(5000).nullable() })).max(200) }, done),
    /** What a guest did, or with null the host itself, as far as somebody watched it: the slots after `after`, or all of the range when that is null or too long ago. */
    past: ask({ host: hostIdOf, uuid: uuidOf.nullable(), range: z.enum(ranges), after: z.number().int().nullable() }, past),
  },
  news: {
    /** One tick of one host for one window, once a tick at most: what it watches there and nothing else. */
    sample: z.object({
      host: hostIdOf,
      /** Milliseconds since 1970. */
      at: z.number(),
      /** UUIDs of the guests it watches of which the host told something: `guests[n]` has the numbers from `values[n * guestSeries.length]` on, in the order of `guestSeries`; null where the host told nothing or counters restarted. */
      guests: z.array(z.string()),
      values: z.array(amount),
      /** Loads 0..1 by CPU number; null where they are not watched. */
      hostCpus: z.array(amount).nullable(),
      /** The host CPU that each vCPU of a guest runs on, by its number. */
      places: z.array(z.object({ uuid: z.string(), cpus: z.array(z.number().int().nullable()) })),
      /** What the balloons tell, and what each disk does, of the guests for which that is watched. */
      balloons: z.array(z.object({ uuid: z.string(), memory: memorySample })),
      disks: z.array(z.object({ uuid: z.string(), disks: z.array(diskSample) })),
    }),
  },
};
