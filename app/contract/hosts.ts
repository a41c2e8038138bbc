// What a connected host is.
import { topology } from '../domain/topology.ts';
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

export const hostDescription = z.object({
  hostname: z.string(),
  /** `9.0.0` */
  libvirtVersion: z.string(),
  /** `QEMU 7.2.0` */
  hypervisor: z.string(),
  model: z.string(),
  memoryKiB: z.number(),
  topology,
  /** CPUs that nothing runs on that is not pinned there, CPUs without ticks, and fast and thrifty cores, as cpusets; null where there is no way to ask the kernel. */
  cpuKinds: z.object({ isolated: z.string(), nohzFull: z.string(), performance: z.string(), efficient: z.string() }).nullable(),
  /** KiB free in each NUMA cell by its id; a cell the host does not tell of is left out. */
  freeKiB: z.record(z.string(), z.number()),
  /** Which running guests are pinned, and to which CPUs all their pins together. */
  pins: z.array(z.object({ uuid: z.string(), name: z.string(), cpus: z.string() })),
});
export type HostDescription = z.infer<typeof hostDescription>;

/** A device of the host that guests can be given. */
export const hostDevice = z.object({
  /** libvirt's name of it. */
  name: z.string(),
  kind: z.enum(['usb', 'pci', 'mdev']),
  /** As definitions of guests name it: `0000:41:00.0`, `046d:c52b`, a UUID. */
  device: z.string(),
  /** Of USB: bus.device. */
  place: z.string().nullable(),
  vendor: z.string().nullable(),
  product: z.string().nullable(),
  /** The host's driver that has it; null = none has. */
  driver: z.string().nullable(),
  iommuGroup: z.number().int().nullable(),
  /** What is in its IOMMU group beside it. */
  companions: z.array(z.string()),
  /** Guests that have it now, or from their next start on. */
  users: z.array(z.object({ uuid: z.string(), name: z.string(), now: z.boolean() })).readonly(),
});
export type HostDevice = z.infer<typeof hostDevice>;

export const hosts = {
  asks: {
    describe: ask({ host: hostIdOf }, hostDescription),
    /** Its devices that guests can be given; costs a call for each. */
    devices: ask({ host: hostIdOf }, z.array(hostDevice)),
    /** Takes a PCI device from its driver, so that guests can have it, or gives it back. */
    driveDevice: ask({ host: hostIdOf, name: z.string().min(1).max(256), byHost: z.boolean() }, done),
  },
  news: {},
};
