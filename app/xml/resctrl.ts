// Which caches and how much memory bandwidth a host can divide between guests (resctrl), https://libvirt.org/formatcaps.html
import { z } from '../domain/schema.ts';
import type { XmlElement } from './document.ts';
import { readXml } from './read-xml.ts';

const count = z.int().min(0);
/** One kind of allocation of one cache; sizes in KiB. `id` is the bank's, `type` both, code or data. */
const cacheControl = z.strictObject({ id: count, level: count, type: z.string(), size: count, granularity: count, minimum: count, allocations: count }).readonly();
/** Bandwidth of one node, in percent. */
const bandwidthControl = z.strictObject({ id: count, granularity: count, minimum: count, allocations: count }).readonly();

/** Empty lists: the host has no such thing. */
export const resctrl = z.strictObject({ caches: z.array(cacheControl).readonly(), nodes: z.array(bandwidthControl).readonly() }).readonly();
export type Resctrl = z.infer<typeof resctrl>;

const kibPer: Readonly<Record<string, number>> = { B: 1 / 1024, KiB: 1, MiB: 1024, GiB: 1_048_576 };

/** Out of what CONNECT_GET_CAPABILITIES answers. */
export function resctrlFromCapabilities(text: string): Resctrl {
  const { root } = readXml(text);
  return {
    caches: root.elements('host', 'cache', 'bank').flatMap((bank) => bank.elements('control').map((control) => ({
      id: number(bank, 'id'), level: number(bank, 'level'), type: control.attribute('type') ?? 'both', size: kib(bank, 'size'),
      granularity: kib(control, 'granularity'), minimum: kib(control, 'min') || kib(control, 'granularity'), allocations: number(control, 'maxAllocs'),
    }))),
    nodes: root.elements('host', 'memory_bandwidth', 'node').flatMap((node) => node.elements('control').map((control) => ({
      id: number(node, 'id'), granularity: number(control, 'granularity'), minimum: number(control, 'min'), allocations: number(control, 'maxAllocs'),
    }))),
  };
}

/** An attribute that is a number from 0; 0 where it is none. */
function number(element: XmlElement, name: string): number {
  const text = element.attribute(name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

const kib = (element: XmlElement, name: string): number => Math.round(number(element, name) * (kibPer[element.attribute('unit') ?? 'B'] ?? 1));
