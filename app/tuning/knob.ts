// What a tuning knob is: one setting of a guest, with its rules, its live step and its place in the XML.
import { z } from '../domain/schema.ts';
import { topology } from '../domain/topology.ts';
import { domainCapabilities } from '../xml/domain-capabilities.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { machineTypes } from '../xml/host-kinds.ts';
import { resctrl } from '../xml/resctrl.ts';
import type { GuestKind } from './guest-kind.ts';
import { nic } from './nic.ts';
import type { Scope, Step } from './steps.ts';
import { unplug } from './unplugs.ts';

/** The two truths a guest has: the running guest and its saved definition. */
export const truths = ['live', 'saved'] as const;
export type Truth = (typeof truths)[number];

/** What a knob is set on: a vCPU's number, a disk's target, a NIC's MAC; `''` is the guest itself. */
export type Unit = string;

/** The form of units of knobs that are set on the guest itself. */
export const wholeGuest = z.string().regex(/^$/, 'is set on the guest itself');

/**
 * How an I/O thread polls, as CONNECT_GET_ALL_DOMAIN_STATS tells: nanoseconds, a factor and a divisor; 0 as factor or divisor is
 * QEMU's own choice. `xml` is what the live XML said then, which libvirt may have left as it was at the start.
 */
const ioThreadPoll = z.strictObject({ poll_max_ns: z.int().min(0), poll_grow: z.int().min(0), poll_shrink: z.int().min(0), xml: z.string() }).readonly();

/** What a host has to connect NICs to, as far as it tells; null = it does not. */
const hostNetwork = z.strictObject({
  /** Its virtual networks; `inbound` is the limit of all that the network's guests receive, in kB a second, of which a NIC can be promised a floor. */
  networks: z.array(z.strictObject({ name: z.string(), active: z.boolean(), inbound: z.int().nullable(), portgroups: z.array(z.string()).readonly() }).readonly()).readonly().nullable(),
  filters: z.array(z.string()).readonly().nullable(),
  /** MAC address → another guest of the host that has it, as far as definitions were read lately. */
  macs: z.record(z.string(), z.string()).readonly(),
}).readonly();

/** What a knob may know beside the XML; JSON, so that forms check by the same rules as the main process. */
export const facts = z.strictObject({
  guest: z.strictObject({ name: z.string(), running: z.boolean(), persistent: z.boolean() }).readonly(),
  topology,
  /** The `cpu_shares` that this host gives to guests without `<shares>`: 100 with cgroup v2, 1024 with v1; null = not known yet. */
  cpuSharesDefault: z.int().min(1).nullable(),
  /** The host's libvirt as 1,000,000 major + 1,000 minor + release; null = not known. */
  libvirtVersion: z.int().min(0).nullable(),
  /** What the hypervisor can give this guest's kind of machine; null = not told. */
  domainCapabilities: domainCapabilities.nullable(),
  /** The machine type that the guest has now, or at its next start; null = not told. */
  machine: z.string().nullable(),
  /** The machine types that the host has for guests of this architecture; null = not told. */
  machines: machineTypes.nullable(),
  /** The security drivers of the host; null = not told. */
  securityModels: z.array(z.string()).readonly().nullable(),
  /** The caches and memory bandwidth that the host can divide between guests; null = not known. */
  resctrl: resctrl.nullable(),
  /** How each I/O thread of the running guest polls, by its number, since live XML does not tell reliably; null = not known. */
  ioThreadPolling: z.record(z.string(), ioThreadPoll).nullable(),
  /** Pages free at this moment in each node, by their size in KiB; null = not known. */
  freePages: z.array(z.strictObject({ node: z.int().min(0), size: z.int().min(1), free: z.int().min(0) }).readonly()).readonly().nullable(),
  /** The host's setting of transparent hugepages, as the kernel calls it: `always`, `madvise`, `never`; null = not known. */
  transparentHugepages: z.string().nullable(),
  /** What the running guest's balloon was asked for and has not come to; null = nothing. Times in milliseconds since 1970, `moved` null = not since it was asked. */
  balloon: z.strictObject({ target: z.int().min(0), asked: z.number(), moved: z.number().nullable() }).readonly().nullable(),
  /** What the running guest was asked to give back and still has. */
  unplugs: z.array(unplug).readonly(),
  /** What NICs can be connected to; null = not known. */
  hostNetwork: hostNetwork.nullable(),
  /** The NICs that are plugged into the running guest; null = not known, or it does not run. */
  pluggedNics: z.array(nic).readonly().nullable(),
}).readonly();
export type Facts = z.infer<typeof facts>;

/** What is known when nothing is: for guests of hosts that tell nothing, and as a start for tests. */
export const unknownFacts = (name: string): Facts => ({
  guest: { name, running: true, persistent: true },
  topology: { cells: [], all: '', offline: '' },
  cpuSharesDefault: null,
  libvirtVersion: null,
  domainCapabilities: null,
  machine: null,
  machines: null,
  securityModels: null,
  resctrl: null,
  ioThreadPolling: null,
  freePages: null,
  transparentHugepages: null,
  balloon: null,
  unplugs: [],
  hostNetwork: null,
  pluggedNics: null,
});

/** What a number counts, so that it is shown and typed in units people think in; the value itself is always whole and in this unit. */
export type Measure = 'count' | 'KiB' | 'KiB/s' | 'kB/s' | 'bytes' | 'bytes/s' | 'per second' | 'microseconds' | 'nanoseconds' | 'milliseconds' | 'seconds' | 'percent';

/** One thing to fill in. Its value: number, string or boolean; null where `absent` says what being without means. */
export type Field =
  | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly measure: Measure; /** What an empty field means; null = must not be empty. */ readonly absent: string | null; /** The number that an empty field comes to, where it is one. */ readonly usual?: number }
  | { readonly kind: 'choice'; readonly options: readonly Option[]; readonly absent: string | null }
  | { readonly kind: 'switch' }
  | { readonly kind: 'text'; readonly absent: string | null; /** How to write it: `1-4,^2`. */ readonly example: string; /** It may have several lines. */ readonly lines?: true };

export interface Option {
  readonly value: string;
  readonly label: string;
  /** What choosing it means. */
  readonly hint?: string;
  /** Why it cannot be chosen on this host. */
  readonly unusable?: string;
}

/** Fields under their names, in the order in which they are shown. */
export type Fields = Readonly<Record<string, Field & { readonly label: string; readonly hint?: string; /** Why this field of the running guest is only shown. */ readonly nowFixed?: string }>>;

/** How a panel draws a knob; each kind has one component. */
export type Control = (
  | { readonly kind: 'pinning'; /** What a row is called. */ readonly row: (unit: Unit) => string }
  | Field
  /** The value is an object with these keys. */
  | { readonly kind: 'fields'; readonly fields: Fields }
  /** The value is a list of objects with these keys. */
  | { readonly kind: 'list'; readonly fields: Fields; /** A new item, as it is before it is filled in. */ readonly fresh: Readonly<Record<string, z.core.util.JSONType>>; readonly most: number; /** What one item is called: `DIMM`. */ readonly item: string }
  /** Has a picture of its own, by the knob's name. */
  | { readonly kind: 'own' }
) & {
  /** Why the running guest's value is only shown: `Changes at the next start.` */
  readonly nowFixed?: string;
  /** What is said where a running guest has no such setting, by its nature. */
  readonly nowNone?: string;
  /** Why it cannot be set on this host at all, now or later; what is set already is shown. */
  readonly fixed?: string;
  /** What it does, or what its being set entails, in a sentence. */
  readonly hint?: string;
};

/** Why a value will not do; `error` blocks the plan, `warning` is shown with it. */
export interface Finding {
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** Of a value of several fields, the one it is about, and of a list the field of one item, by `itemField`; left out, it is about all. */
  readonly field?: string;
}

/** The name of one item's field among the fields of a list: `2.size`. */
export const itemField = (item: number, key: string): string => `${item}.${key}`;

/** One setting. All functions are pure, except that `write` edits the document it is given. */
export interface Knob<V> {
  readonly label: string;
  readonly panel: 'cpu' | 'memory' | 'disks' | 'network' | 'devices';
  /** The card of the panel it is on: `CPU time`. */
  readonly card: string;
  /** Kinds of guests that have it; left out, all. Panels of others do not show it. */
  readonly only?: readonly GuestKind[];
  control(facts: Facts): Control;
  /** The form of its units; whether the guest has such a unit is told by `read`. */
  readonly unit: z.ZodType<Unit>;
  /** The value of one unit, as it crosses processes. */
  readonly value: z.ZodType<V>;
  /** Every unit with its value. Values are normal: two that mean the same to libvirt are equal. */
  read(xml: DomainXml, facts: Facts): Readonly<Record<Unit, V>>;
  /** Puts a value of its schema into the XML for one unit, touching nothing else; it need not have passed `check`. */
  write(xml: DomainXml, unit: Unit, value: V): void;
  /**
   * What speaks against this value there, before the host is asked.
   * @param after the definition of that truth with everything wanted in it, for rules that hold between settings.
   */
  check(value: V, unit: Unit, truth: Truth, facts: Facts, after: DomainXml): readonly Finding[];
  /**
   * The libvirt call or calls, in order, that set it; null = not by calls: in the saved definition only by defining it anew.
   * @param xml the guest in that scope (for `both`: live) before this knob moves, with what earlier knobs of the plan did.
   */
  step(unit: Unit, value: V, scope: Scope, facts: Facts, xml: DomainXml): Step | readonly Step[] | null;
  /** Other units that come to have a value along with this one, as disks of one group share their limits. */
  entails?(unit: Unit, value: V, xml: DomainXml): Readonly<Record<Unit, V>>;
  /** Units of other knobs come and go with its value, as the pin of an I/O thread does. */
  readonly takesAway?: true;
  /** Whether libvirt takes two different values for the same, as where it writes out what was left to it. */
  alike?(one: V, other: V): boolean;
  /** Whether a guest started with `saved` may show `live`, where a running guest's XML tells what the saved one leaves open. */
  runsAs?(live: V, saved: V): boolean;
  /** What is worth knowing of a unit beside its value: `used by vda, vdb`. */
  about?(unit: Unit, xml: DomainXml, facts: Facts): string | null;
  /** Its live value is asked of the guest, which comes to it late or never: what is said until then. */
  readonly arrives?: string;
  /** The running guest moves its live value by itself, so that a difference there is nobody's change. */
  readonly drifts?: true;
  /** The value in words, for titles: `7,23`, `no pin`. */
  say(value: V): string;
  /** What is set, in words: `vCPU 7`, `CPU shares`. */
  name(unit: Unit): string;
}
