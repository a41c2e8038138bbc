// The disks of a definition by their target, which is the unit of what is set on one: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import type { Finding, Unit } from './knob.ts';

/** `vda`, `sdb` */
export const diskUnit: z.ZodType<Unit> = z.string().regex(/^[^\s/]{1,64}$/, 'is the target of a disk');

/** The children of `<disk>` in the order in which libvirt prints them. */
const order = [
  'driver', 'auth', 'source', 'backingStore', 'backenddomain', 'geometry', 'blockio', 'mirror', 'target', 'throttlefilters', 'iotune', 'readonly', 'shareable', 'transient',
  'serial', 'wwn', 'vendor', 'product', 'encryption', 'boot', 'alias', 'address', 'acpi',
];

/** QEMU's disks with a target of their own; other hypervisors have none of the settings made here. */
export function disksOf(xml: DomainXml): ReadonlyMap<Unit, XmlElement> {
  const disks = new Map<Unit, XmlElement>();
  if (!['kvm', 'qemu'].includes(xml.root.attribute('type') ?? '')) return disks;
  for (const disk of xml.elements('devices', 'disk')) {
    const unit = diskUnit.safeParse(disk.element('target')?.attribute('dev'));
    if (unit.success && !disks.has(unit.data)) disks.set(unit.data, disk);
  }
  return disks;
}

/** A value of every disk, in the order of the definition. */
export const readDisks = <V>(xml: DomainXml, read: (disk: XmlElement) => V): Readonly<Record<Unit, V>> =>
  Object.fromEntries([...disksOf(xml)].map(([unit, disk]) => [unit, read(disk)]));

/** The child of this name, made at its place when there is none. */
export const childOf = (disk: XmlElement, name: string): XmlElement => disk.element(name) ?? disk.add(name, { order });

/** Where its contents are: a path of the host, `pool/volume`, or `rbd:name`; null = nowhere. Images below a disk are told the same way. */
export function sourceOf(disk: XmlElement): string | null {
  const source = disk.element('source');
  const of = (name: string): string | null => source?.attribute(name) ?? null;
  const [pool, volume, protocol] = [of('pool'), of('volume'), of('protocol')];
  if (pool !== null && volume !== null) return `${pool}/${volume}`;
  const name = of('file') ?? of('dev') ?? of('dir') ?? of('name');
  return protocol === null ? name : `${protocol}:${name ?? ''}`;
}

/** `disk`, `cdrom`, `floppy`, `lun` */
export const deviceOf = (disk: XmlElement): string => disk.attribute('device') ?? 'disk';

export const diskError = (message: string, field?: string): Finding => ({ level: 'error', message, ...(field !== undefined && { field }) });
export const diskWarning = (message: string, field?: string): Finding => ({ level: 'warning', message, ...(field !== undefined && { field }) });
