// What a running guest was asked to give back and still has: DIMMs, vCPUs and other devices, which go when the guest lets them go, or never.
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { readMemoryDevice, sayMemoryDevice } from './memory-device.ts';
import { readNic, sayNic } from './nic.ts';
import { plugged } from './vcpu-list.ts';

/** `alias` is libvirt's name of it: `dimm0`, `vcpu3`. Times in milliseconds since 1970; `refused` null = the guest has not said no. */
export const unplug = z.strictObject({ alias: z.string(), asked: z.number(), refused: z.number().nullable() }).readonly();
export type Unplug = z.infer<typeof unplug>;

/** Milliseconds after which a guest that did not let go is taken for one that may never do. */
const patience = 30_000;

/** The number of the vCPU that has this alias; null for other devices. */
export const vcpuOf = ({ alias }: Pick<Unplug, 'alias'>): number | null => {
  const number = /^vcpu(\d+)$/.exec(alias)?.[1];
  return number === undefined ? null : Number(number);
};

/** libvirt's alias of the vCPU that goes first when there are to be fewer: the last one that can be unplugged. */
export function firstToGo(live: DomainXml): string | null {
  const vcpu = plugged(live).findLastIndex(({ enabled, hotpluggable }) => enabled && hotpluggable);
  return vcpu < 0 ? null : `vcpu${vcpu}`;
}

const deviceOf = (live: DomainXml, alias: string) =>
  live.element('devices')?.children.find((device) => device.element('alias')?.attribute('name') === alias) ?? null;

/** Which settings it belongs to. */
export const unplugKind = (one: Pick<Unplug, 'alias'>, live: DomainXml): 'vcpus' | 'memory' | 'nics' | 'others' => {
  const name = vcpuOf(one) === null ? deviceOf(live, one.alias)?.name : 'vcpu';
  return name === 'vcpu' ? 'vcpus' : name === 'interface' ? 'nics' : name === 'memory' ? 'memory' : 'others';
};

/** Whether the running guest still has it. */
export function isThere(live: DomainXml, one: Pick<Unplug, 'alias'>): boolean {
  const vcpu = vcpuOf(one);
  return vcpu === null ? deviceOf(live, one.alias) !== null : plugged(live)[vcpu]?.enabled === true;
}

/** How a request fares, in words. `now` in milliseconds since 1970. */
export function unplugWords(one: Unplug, live: DomainXml, now: number): { readonly level: 'info' | 'warning'; readonly text: string } {
  const vcpu = vcpuOf(one);
  const element = deviceOf(live, one.alias);
  const device = element === null ? null : readMemoryDevice(element);
  const kind = unplugKind(one, live);
  const name = vcpu !== null ? `vCPU ${vcpu}` : device !== null ? sayMemoryDevice(device) : element !== null && kind === 'nics' ? sayNic(readNic(element)) : one.alias;
  const advice = { vcpus: 'Take the vCPU offline inside the guest, then unplug it again.', memory: 'Memory goes only when the guest can empty all of it.', nics: 'Take it out of use inside the guest, then unplug it again.', others: 'Take it out of use inside the guest, then unplug it again.' };
  if (one.refused !== null) return { level: 'warning', text: `The guest refused to give back ${name}: it still uses it. ${advice[kind]}` };
  return now - one.asked < patience
    ? { level: 'info', text: `The guest was asked to give back ${name}, and has not let it go yet.` }
    : { level: 'warning', text: `The guest was asked to give back ${name} and has not let it go: it may still do so, or never.` };
}
