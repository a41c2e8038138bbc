// Statistics of what is on screen. Nothing is polled that nobody watches.
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { uuidOf } from './guests.ts';
import { z } from './schema.ts';

/** Which groups of statistics: each costs the host time. */
export const groups = ['cpu', 'memory', 'disk', 'disks', 'network', 'nics', 'vcpu', 'vcpuPlace', 'hostCpu'] as const;
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
