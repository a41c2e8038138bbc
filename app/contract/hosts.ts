// What a connected host is.
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

/** One CPU of the host and where it sits. */
const hostCpu = z.object({ id: z.number().int(), cell: z.number().int(), socket: z.number().int(), die: z.number().int(), core: z.number().int(), siblings: z.string() });

/** The wire form of domain/topology's Topology. */
export const topology = z.object({
  cpus: z.array(hostCpu),
  cells: z.array(z.object({ id: z.number().int(), memoryKiB: z.number(), freeKiB: z.number().nullable(), cpus: z.string() })),
});

export const hostDescription = z.object({
  hostname: z.string(),
  /** `9.0.0` */
  libvirtVersion: z.string(),
  /** `QEMU 7.2.0` */
  hypervisor: z.string(),
  model: z.string(),
  memoryKiB: z.number(),
  topology,
  /** Other guests' live pins, by CPU set: who sits where. */
  pins: z.array(z.object({ uuid: z.string(), name: z.string(), cpus: z.string() })),
});
export type HostDescription = z.infer<typeof hostDescription>;

export const hosts = {
  asks: {
    describe: ask({ host: hostIdOf }, hostDescription),
  },
  news: {},
};
