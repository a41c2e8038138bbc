// Guests: the list, one guest, and what can be done to it.
import { guestActionNames, guestStates, type GuestState } from '../domain/guest.ts';
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

export const uuidOf = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case with hyphens');
/** Which guest. */
export const which = { host: hostIdOf, uuid: uuidOf };

const state = z.enum(Object.keys(guestStates) as [GuestState, ...GuestState[]]);

/** A line of the fleet table; everything in it comes with the one inventory call. */
export const guestSummary = z.object({
  host: hostIdOf,
  uuid: z.string(),
  name: z.string(),
  state,
  vcpus: z.number().int(),
  vcpusMaximum: z.number().int(),
  memoryKiB: z.number(),
  memoryMaximumKiB: z.number(),
  persistent: z.boolean(),
  autostart: z.boolean(),
  /** Its memory is saved on disk; the next start resumes it. */
  managedSave: z.boolean(),
});
export type GuestSummary = z.infer<typeof guestSummary>;

/** One guest with both its definitions. */
export const guestDescription = guestSummary.extend({
  title: z.string().nullable(),
  description: z.string().nullable(),
  osType: z.string(),
  machine: z.string().nullable(),
  /** What is true now; null when the guest is not running. */
  liveXml: z.string().nullable(),
  /** What is true after a restart; null for a transient guest. */
  savedXml: z.string().nullable(),
});
export type GuestDescription = z.infer<typeof guestDescription>;

/** Small marks of what is tuned, for visible rows of the fleet. */
export const guestBadges = z.object({ uuid: z.string(), badges: z.array(z.string()), pending: z.number().int() });

/** vCPUs as the system inside the guest has them, as canonical cpusets. */
export const insideVcpus = z.object({
  /** Those it knows of, those that are online, and those that it can take offline. */
  known: z.string(),
  online: z.string(),
  offlinable: z.string(),
});

/** The addresses that a running guest's NICs are seen with, and by whom; `silent` are sources that told nothing, and why. */
export const nicAddresses = z.object({
  nics: z.array(z.object({
    mac: z.string(),
    /** What the system inside calls it. */
    inside: z.string().nullable(),
    /** With the length of the prefix where it is known: `192.168.122.5/24`. */
    seen: z.array(z.object({ by: z.enum(['lease', 'agent', 'arp']), address: z.string() })),
  })),
  silent: z.array(z.object({ by: z.enum(['lease', 'agent', 'arp']), why: z.string() })),
});
export type NicAddresses = z.infer<typeof nicAddresses>;

const bytes = z.number().int().min(0).nullable();
/** What holds a disk's contents on the host; null where it is not told. */
export const diskStorage = z.object({
  target: z.string(),
  source: z.string().nullable(),
  format: z.string().nullable(),
  /** Bytes: what the guest sees, what the host gave for it, and where that ends. */
  capacity: bytes,
  allocation: bytes,
  physical: bytes,
  /** The images below it, the nearest first; empty where there is none, or the guest does not run. */
  chain: z.array(z.object({ source: z.string().nullable(), format: z.string().nullable() })),
});
export type DiskStorage = z.infer<typeof diskStorage>;

export const guests = {
  asks: {
    /** What the system inside says of its vCPUs, by its agent; refused where none answers. */
    insideVcpus: ask(which, insideVcpus),
    /** Has the system inside take one of its vCPUs online or offline at once, by its agent; a start of the guest undoes it. Answers as `insideVcpus`. */
    setInsideVcpu: ask({ ...which, vcpu: z.int().min(0).max(16_383), online: z.boolean() }, insideVcpus),
    /** Every guest of one host. */
    list: ask({ host: hostIdOf }, z.array(guestSummary)),
    describe: ask(which, guestDescription),
    /** Where its NICs are seen: by DHCP leases, by its agent, in the host's ARP table. */
    addresses: ask(which, nicAddresses),
    /** What its disks are on the host, in the order of the definition. */
    disks: ask(which, z.array(diskStorage)),
    /** Makes a running guest's disk larger, to so many bytes; never smaller. */
    growDisk: ask({ ...which, target: z.string().min(1).max(64), capacity: z.int().min(1) }, done),
    /** Tuning marks of these guests; guests that are gone are left out. */
    badges: ask({ host: hostIdOf, uuids: z.array(uuidOf).max(200) }, z.array(guestBadges)),
    /** Does it, and answers when libvirt has taken it. `confirm` repeats the guest's name where the action destroys. */
    act: ask({ ...which, action: z.enum(guestActionNames), confirm: z.string().optional() }, done),
    setAutostart: ask({ ...which, autostart: z.boolean() }, done),
  },
  news: {
    /** These guests changed; null = any of the host may have. */
    changed: z.object({ host: hostIdOf, uuids: z.array(z.string()).nullable() }),
  },
};
