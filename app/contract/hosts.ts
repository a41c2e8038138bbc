// What a connected host is.
import { topology } from '../domain/topology.ts';
import { ask } from './ask.ts';
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

export const hosts = {
  asks: {
    describe: ask({ host: hostIdOf }, hostDescription),
  },
  news: {},
};
