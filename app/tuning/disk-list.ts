// The disks that a guest has: added, taken away, and media put into drives, https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { putAttribute } from './attributes.ts';
import { childOf, deviceOf, diskError, disksOf, diskUnit, sourceOf } from './disks.ts';
import { guestKind } from './guest-kind.ts';
import { type Finding, itemField, type Knob, type Option, type Unit, wholeGuest } from './knob.ts';
import { same } from './same.ts';
import type { Step } from './steps.ts';

const word = z.string().min(1).max(64);
/** `source` null = an empty drive; a format is a disk's alone. */
const disk = z.strictObject({ target: diskUnit, device: word, source: z.string().min(1).max(4096).nullable(), format: word.nullable(), bus: word.nullable(), readonly: z.boolean() }).readonly();
type Disk = z.infer<typeof disk>;

const path = ['devices', 'disk'] as const;
const isDrive = (device: string): boolean => device === 'cdrom' || device === 'floppy';

const readDisk = (target: Unit, element: XmlElement): Disk => {
  const device = deviceOf(element);
  const source = sourceOf(element);
  return {
    target, device, source: source === '' ? null : source, bus: element.element('target')?.attribute('bus') || null,
    // libvirt writes a drive's now and then; it has no choice of them.
    format: isDrive(device) ? null : (element.element('driver')?.attribute('type') || null),
    readonly: isDrive(device) || element.element('readonly') !== null,
  };
};
const listOf = (xml: DomainXml): readonly Disk[] => [...disksOf(xml)].map(([target, element]) => readDisk(target, element));

function putSource(element: XmlElement, source: string | null): void {
  const old = element.element('source');
  if (old !== null) element.remove(old);
  element.setAttribute('type', source?.startsWith('/dev/') === true ? 'block' : 'file');
  if (source !== null) childOf(element, 'source').setAttribute(source.startsWith('/dev/') ? 'dev' : 'file', source);
  // What lay below the old one is not below the new one.
  const chain = element.element('backingStore');
  if (chain !== null) element.remove(chain);
}

/** Writes what differs from what is there. */
function writeDisk(element: XmlElement, wanted: Disk): void {
  const has = readDisk(wanted.target, element);
  if (has.device !== wanted.device) element.setAttribute('device', wanted.device);
  if (has.format !== wanted.format) {
    const driver = childOf(element, 'driver');
    if (driver.attribute('name') === null) driver.setAttribute('name', 'qemu');
    putAttribute(driver, 'type', wanted.format);
  }
  if (has.source !== wanted.source) putSource(element, wanted.source);
  if (has.bus !== wanted.bus) {
    putAttribute(childOf(element, 'target'), 'bus', wanted.bus);
    const address = element.element('address');
    if (address !== null) element.remove(address);
  }
  const mark = element.element('readonly');
  if (has.readonly && !wanted.readonly && mark !== null) element.remove(mark);
  if (wanted.readonly && mark === null) childOf(element, 'readonly');
}

/** A new disk of a definition, at its end. */
function addDisk(xml: DomainXml, wanted: Disk): XmlElement {
  const element = xml.add(path, { type: wanted.source?.startsWith('/dev/') === true ? 'block' : 'file', device: wanted.device });
  const target = element.add('target');
  target.setAttribute('dev', wanted.target);
  writeDisk(element, wanted);
  return element;
}

const byTarget = (disks: readonly Disk[]): readonly Disk[] => disks.toSorted((one, other) => (one.target < other.target ? -1 : Number(one.target > other.target)));
const sayDisk = ({ target, device, source }: Disk): string => `${device === 'disk' ? '' : `${device} `}${target}${source === null ? ', empty' : `: ${source}`}`;
const choice = (values: readonly string[]): readonly Option[] => values.map((value) => ({ value, label: value }));

/** In the order of the definition; what else an element says stays as it is. */
export const diskList: Knob<readonly Disk[]> = {
  label: 'Disks and drives',
  panel: 'disks',
  card: 'Disks and drives',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'disk',
    most: 64,
    fresh: { target: 'vdb', device: 'disk', source: null, format: 'qcow2', bus: 'virtio', readonly: false },
    hint: 'While the guest runs, virtio and SCSI disks are plugged and taken away, and media are put into drives and out; the rest changes at the next start. The image itself stays on the host. A removal that is undone brings back what is set on this page, and nothing else that its definition said.',
    fields: {
      target: { kind: 'text', label: 'Target', absent: null, example: 'vdb', hint: 'The name that settings of the disk go by; the guest may call it otherwise.' },
      source: { kind: 'text', label: 'Image or device', absent: 'empty', example: '/var/lib/libvirt/images/data.qcow2', hint: 'A file of the host, or a block device below /dev. A drive may be empty.' },
      device: { kind: 'choice', label: 'Kind', absent: null, options: choice(['disk', 'cdrom', 'floppy', 'lun']) },
      format: { kind: 'choice', label: 'Format', absent: 'none', options: [{ value: 'qcow2', label: 'qcow2' }, { value: 'raw', label: 'raw', hint: 'Block devices are raw. A file of another format taken for raw is damaged by the guest.' }] },
      bus: { kind: 'choice', label: 'Bus', absent: 'libvirt’s choice', options: choice(['virtio', 'scsi', 'sata', 'ide', 'usb', 'fdc']) },
      readonly: { kind: 'switch', label: 'Only read' },
    },
  }),
  unit: wholeGuest,
  value: z.array(disk).max(64).readonly(),

  read: (xml) => (guestKind(xml) === 'qemu' ? { '': listOf(xml) } : {}),

  write(xml, _unit, value) {
    const had = disksOf(xml);
    for (const [target, element] of had) if (!value.some((one) => one.target === target)) element.parent?.remove(element);
    for (const [at, one] of value.entries()) {
      const element = had.get(one.target);
      if (element !== undefined) writeDisk(element, one);
      else if (value.findIndex(({ target }) => target === one.target) === at) addDisk(xml, one);
    }
  },

  check: (value, _unit, _truth, _facts, after) => value.flatMap((one, item) => findings(one, item, value, after)),

  step(_unit, value, scope, _facts, xml) {
    if (scope !== 'live') return null;
    const had = disksOf(xml);
    const kept = value.flatMap((wanted) => {
      const element = had.get(wanted.target);
      return element === undefined || same(readDisk(wanted.target, element), wanted) ? [] : [{ wanted, element }];
    });
    // Of what is plugged in, only the medium in a drive can be another.
    if (kept.some(({ wanted, element }) => !isDrive(wanted.device) || !same({ ...readDisk(wanted.target, element), source: wanted.source }, wanted))) return null;
    return [
      ...[...had].filter(([target]) => !value.some((one) => one.target === target)).map(([target, element]): Step => ({ kind: 'detachDevice', device: `disk ${target}`, xml: element.toString(), scope })),
      ...kept.map(({ wanted, element }): Step => {
        const draft = element.copy();
        writeDisk(draft, wanted);
        return { kind: 'updateDevice', device: sayDisk(wanted), xml: draft.toString(), scope };
      }),
      ...value.filter(({ target }) => !had.has(target)).map((wanted): Step => ({ kind: 'attachDevice', device: sayDisk(wanted), xml: addDisk(xml.clone(), wanted).toString(), scope })),
    ];
  },

  takesAway: true,
  arrives: 'A guest lets a disk go once its system has released it, or never.',
  // libvirt has an order of its own.
  alike: (one, other) => same(byTarget(one), byTarget(other)),
  say: (value) => (value.length === 0 ? 'none' : value.map(sayDisk).join('; ')),
  name: () => 'Disks and drives',
};

function findings({ target, device, source, format, bus }: Disk, item: number, all: readonly Disk[], after: DomainXml): readonly Finding[] {
  const refuse = (message: string, key: keyof Disk): Finding => diskError(message, itemField(item, key));
  const isOwn = ['file', 'block'].includes(disksOf(after).get(target)?.attribute('type') ?? 'file');
  return [
    ...(/^(?:vd|sd|hd|xvd|fd|ubd)[a-z]{1,3}$/.test(target) ? [] : [refuse('A target is vda, sda, hda or fda, with another last letter for each disk.', 'target')]),
    ...(all.findIndex((other) => other.target === target) < item ? [refuse(`Another disk has the target ${target}.`, 'target')] : []),
    ...(source === null && !isDrive(device) && isOwn ? [refuse('A disk needs an image or a device of the host.', 'source')] : []),
    ...(source !== null && isOwn && !source.startsWith('/') ? [refuse('Write the whole path on the host, from / on.', 'source')] : []),
    ...(source !== null && source.startsWith('/dev/') && format === 'qcow2' ? [{ level: 'warning' as const, message: 'Block devices are raw, unless an image was written onto them.', field: itemField(item, 'format') }] : []),
    ...(isDrive(device) && format !== null ? [refuse('The format of a medium is not chosen.', 'format')] : []),
    ...(device === 'cdrom' && bus === 'virtio' ? [refuse('There are no CD drives on virtio: choose sata, scsi or ide.', 'bus')] : []),
    ...(device === 'floppy' && bus !== null && bus !== 'fdc' ? [refuse('A floppy drive is on the bus fdc.', 'bus')] : []),
  ];
}
