// The network interfaces of a definition: found by MAC address, and edited where libvirt prints each part: <devices><interface>,
// https://libvirt.org/formatdomain.html#network-interfaces
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import type { Finding, Unit } from './knob.ts';
import type { Scope, Step } from './steps.ts';

export const nicPath = ['devices', 'interface'] as const;

const macForm = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
/** A NIC's MAC address, as libvirt prints it. */
export const macAddress = z.string().regex(macForm, 'is a MAC address such as 52:54:00:12:34:56');

/** Children of `<interface>` in the order in which libvirt prints them (virDomainNetDefFormat). */
export const nicOrder = [
  'mac', 'source', 'vlan', 'port', 'virtualport', 'bandwidth', 'ip', 'route', 'script', 'downscript', 'backenddomain', 'target', 'guest', 'model', 'driver', 'backend', 'filterref',
  'link', 'teaming', 'tune', 'mtu', 'coalesce', 'boot', 'alias', 'rom', 'address', 'acpi',
];

/** In lower case, since libvirt takes both; null where none is written. */
export const macOf = (nic: XmlElement): string | null => nic.element('mac')?.attribute('address')?.trim().toLowerCase() ?? null;

/** Every NIC that has an address, by it; of two with the same the first, as libvirt finds them. */
export function nicsByMac(xml: DomainXml): ReadonlyMap<Unit, XmlElement> {
  const nics = new Map<Unit, XmlElement>();
  for (const nic of xml.elements(...nicPath)) {
    const mac = macOf(nic);
    if (mac !== null && macForm.test(mac) && !nics.has(mac)) nics.set(mac, nic);
  }
  return nics;
}

/** A value of every NIC, under its address. */
export const eachNic = <V>(xml: DomainXml, read: (nic: XmlElement) => V): Readonly<Record<Unit, V>> =>
  Object.fromEntries([...nicsByMac(xml)].map(([mac, nic]) => [mac, read(nic)]));

/** The child of this name, put in libvirt's place where it is not there. */
export const childOf = (nic: XmlElement, name: string): XmlElement => nic.element(name) ?? nic.add(name, { order: nicOrder });

/** Takes a child off with all it holds. */
export function dropChild(nic: XmlElement, name: string): void {
  for (const child of nic.elements(name)) nic.remove(child);
}

/** The NIC's kind: `network`, `bridge`, … A running one of a network may show what the network made of it, and still names the network. */
export const kindOf = (nic: XmlElement): string => (nic.element('source')?.attribute('network') == null ? (nic.attribute('type') ?? 'user') : 'network');

export const nicName = (unit: Unit): string => `NIC ${unit}`;

/** One call that gives a running NIC all of its element anew; libvirt refuses what it cannot change while the guest runs. */
export function updateNic(xml: DomainXml, unit: Unit, write: (draft: DomainXml) => void): Step | null {
  const draft = xml.clone();
  write(draft);
  const nic = nicsByMac(draft).get(unit);
  return nic === undefined ? null : { kind: 'updateDevice', device: nicName(unit), xml: nic.toString(), scope: 'live' satisfies Scope };
}

export const error = (message: string, field?: string): Finding => ({ level: 'error', message, ...(field !== undefined && { field }) });
