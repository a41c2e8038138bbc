// What a tuning knob is: one setting of a guest, with its rules, its live step and its place in the XML.
import type { Topology } from '../domain/topology.ts';
import type { z } from '../contract/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import type { Step } from './steps.ts';

/** Where a change acts: on the running guest, in its saved definition, or both. */
export type Scope = 'live' | 'saved' | 'both';
/** The two truths a guest has. */
export type Truth = 'live' | 'saved';

/** What a knob is set on: a vCPU's number, a disk's target, a NIC's MAC; `''` is the guest itself. */
export type Unit = string;

/** What a knob may know beside the XML. */
export interface Facts {
  readonly guest: { readonly name: string; readonly running: boolean; readonly persistent: boolean };
  readonly topology: Topology;
  /** The `cpu_shares` that this host gives to guests without `<shares>`: 100 with cgroup v2, 1024 with v1; null = not known yet. */
  readonly cpuSharesDefault: number | null;
}

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
  readonly control: Control;
  /** The value of one unit, as it crosses processes. */
  readonly value: z.ZodType<V>;
  /** Every unit with its value. Values are normal: two that mean the same to libvirt are equal. */
  read(xml: DomainXml, facts: Facts): Readonly<Record<Unit, V>>;
  /** Puts the value of one unit into the XML, touching nothing else. */
  write(xml: DomainXml, unit: Unit, value: V): void;
  /** What speaks against this value, before the host is asked. */
  check(value: V, unit: Unit, facts: Facts): readonly Finding[];
  /** The libvirt call that sets it; null = only through the saved definition. */
  step(unit: Unit, value: V, scope: Scope, facts: Facts): Step | null;
  /** The value in words, for titles: `7,23`, `no pin`. */
  say(value: V): string;
  /** What is set, in words: `vCPU 7`, `CPU shares`. */
  name(unit: Unit): string;
}
