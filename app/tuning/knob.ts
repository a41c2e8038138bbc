// What a tuning knob is: one setting of a guest, with its rules, its live step and its place in the XML.
import { z } from '../domain/schema.ts';
import { topology } from '../domain/topology.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import type { Scope, Step } from './steps.ts';

/** The two truths a guest has: the running guest and its saved definition. */
export const truths = ['live', 'saved'] as const;
export type Truth = (typeof truths)[number];

/** What a knob is set on: a vCPU's number, a disk's target, a NIC's MAC; `''` is the guest itself. */
export type Unit = string;

/** The form of units of knobs that are set on the guest itself. */
export const wholeGuest = z.string().regex(/^$/, 'is set on the guest itself');

/** What a knob may know beside the XML; JSON, so that forms check by the same rules as the main process. */
export const facts = z.strictObject({
  guest: z.strictObject({ name: z.string(), running: z.boolean(), persistent: z.boolean() }).readonly(),
  topology,
  /** The `cpu_shares` that this host gives to guests without `<shares>`: 100 with cgroup v2, 1024 with v1; null = not known yet. */
  cpuSharesDefault: z.int().min(1).nullable(),
}).readonly();
export type Facts = z.infer<typeof facts>;

/** How a panel draws a knob; each kind has one component. */
export type Control =
  | { readonly kind: 'pinning'; /** What a row is called. */ readonly row: (unit: Unit) => string }
  | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly unit: string; readonly absent: string };

/** Why a value will not do; `error` blocks the plan, `warning` is shown with it. */
export interface Finding {
  readonly level: 'error' | 'warning';
  readonly message: string;
}

/** One setting. All functions are pure, except that `write` edits the document it is given. */
export interface Knob<V> {
  readonly label: string;
  readonly panel: 'cpu' | 'memory' | 'disks' | 'network';
  control(facts: Facts): Control;
  /** The form of its units; whether the guest has such a unit is told by `read`. */
  readonly unit: z.ZodType<Unit>;
  /** The value of one unit, as it crosses processes. */
  readonly value: z.ZodType<V>;
  /** Every unit with its value. Values are normal: two that mean the same to libvirt are equal. */
  read(xml: DomainXml, facts: Facts): Readonly<Record<Unit, V>>;
  /** Puts a value that passed `check` into the XML for one unit, touching nothing else. */
  write(xml: DomainXml, unit: Unit, value: V): void;
  /** What speaks against this value there, before the host is asked. */
  check(value: V, unit: Unit, truth: Truth, facts: Facts): readonly Finding[];
  /**
   * The libvirt call that sets it; null = not by a call, in the saved definition only by defining it anew.
   * @param xml the guest as it is in that scope (for `both`: live), for values that mean "as if nothing were set".
   */
  step(unit: Unit, value: V, scope: Scope, facts: Facts, xml: DomainXml): Step | null;
  /** The value in words, for titles: `7,23`, `no pin`. */
  say(value: V): string;
  /** What is set, in words: `vCPU 7`, `CPU shares`. */
  name(unit: Unit): string;
}
