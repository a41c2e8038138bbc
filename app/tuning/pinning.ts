// What pins of vCPUs and of the emulator have in common: where unpinned threads float, when a pin means nothing, what a pin may hold.
import { CpuSet, CpuSetError } from '../domain/cpu-set.ts';
import { z } from '../domain/schema.ts';
import { offlineCpus, onlineCpus } from '../domain/topology.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import type { Facts, Finding } from './knob.ts';

/** A canonical cpuset; null = not pinned. Long enough for every other CPU of the largest host. */
export const pin = z.string().max(65_536).nullable();
export type Pin = z.infer<typeof pin>;

/** The CPUs that threads without a pin run on: `<vcpu cpuset=…>` when there is one, else all of the host. */
export function floatingCpus(xml: DomainXml, facts: Facts): CpuSet {
  const own = setOf(xml.element('vcpu')?.attribute('cpuset') ?? null);
  return own === null || own.size === 0 ? onlineCpus(facts.topology) : own;
}

/**
 * Gives pins of this guest their normal form. One that covers the same CPUs of this host as floating does is no pin: libvirt
 * prints it after a pin was taken off a running guest, which has no other way.
 */
export function pinReader(xml: DomainXml, facts: Facts): (text: string | null) => Pin {
  const floating = floatingCpus(xml, facts);
  const host = onlineCpus(facts.topology);
  const floatingHere = floating.intersection(host);
  const normal = (text: string | null): Pin => {
    const set = setOf(text);
    if (set === null) return text;
    return set.equals(floating) || (host.size > 0 && set.intersection(host).equals(floatingHere)) ? null : set.toString();
  };
  // Threads of one guest share few pins.
  const known = new Map<string | null, Pin>();
  return (text) => {
    if (!known.has(text)) known.set(text, normal(text));
    return known.get(text) ?? null;
  };
}

/** The normal form of a single pin. */
export const normalPin = (text: string | null, xml: DomainXml, facts: Facts): Pin => pinReader(xml, facts)(text);

/** What speaks against a pin on this host. */
export function checkPin(value: Pin, facts: Facts): readonly Finding[] {
  if (value === null) return [];
  const set = value.trim() === '' ? CpuSet.none : CpuSet.read(value);
  if (set instanceof CpuSetError) return [{ level: 'error', message: `${set.message}.` }];
  if (set.size === 0) return [{ level: 'error', message: 'Name at least one CPU, or take the pin off.' }];
  const online = onlineCpus(facts.topology);
  if (online.size === 0) return [];
  const offline = offlineCpus(facts.topology);
  const sleeping = set.intersection(offline);
  const missing = set.without(online).without(offline);
  return [
    ...(missing.size === 0 ? [] : [error(`The host has no ${cpus(missing)}; its CPUs are ${online.union(offline).toString()}.`)]),
    ...(sleeping.size === 0 ? [] : [error(`${cpus(sleeping)} of the host ${sleeping.size === 1 ? 'is' : 'are'} offline.`)]),
  ];
}

const error = (message: string): Finding => ({ level: 'error', message });
const cpus = (set: CpuSet): string => `${set.size === 1 ? 'CPU' : 'CPUs'} ${set.toString()}`;

const setOf = (text: string | null): CpuSet | null => {
  const set = text === null ? null : CpuSet.read(text);
  return set instanceof CpuSetError ? null : set;
};
