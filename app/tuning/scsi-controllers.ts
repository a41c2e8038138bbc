// The controllers that SCSI disks hang on, each with its model, I/O thread and queues: https://libvirt.org/formatdomain.html#controllers
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { dropEmpty, numberOf, putAttribute } from './attributes.ts';
import { diskError, diskWarning } from './disks.ts';
import { guestKind } from './guest-kind.ts';
import { ioThreadIds } from './io-thread-ids.ts';
import { type Finding, itemField, type Knob, type Option, wholeGuest } from './knob.ts';
import { maximumVcpus } from './vcpu-count.ts';

const count = z.int().min(1).max(4_294_967_295).nullable();
/** null = as libvirt and QEMU do without being told. */
const controller = z.strictObject({
  index: z.int().min(0).max(4_294_967_295), model: z.string().min(1).max(64).nullable(), iothread: count, queues: count, cmd_per_lun: count, max_sectors: count, ioeventfd: z.string().min(1).max(16).nullable(),
}).readonly();
type Controller = z.infer<typeof controller>;

const path = ['devices', 'controller'] as const;
/** The children of `<controller>` in the order in which libvirt prints them. */
const order = ['driver', 'alias', 'address', 'acpi'];
/** What stands in `<driver>`, in libvirt's order; virtio's alone. */
const driverNames = ['queues', 'cmd_per_lun', 'max_sectors', 'ioeventfd', 'iothread'] as const;
/** virtio-scsi's queues for commands: VIRTIO_QUEUE_MAX without those for control and events. */
const mostQueues = 1022;

const models: readonly Option[] = [
  { value: 'virtio-scsi', label: 'virtio-scsi', hint: 'The fastest; the guest needs its driver.' },
  { value: 'virtio-transitional', label: 'virtio-transitional', hint: 'virtio-scsi for guests that know only its first form too.' },
  { value: 'virtio-non-transitional', label: 'virtio-non-transitional', hint: 'virtio-scsi without its first form.' },
  { value: 'lsilogic', label: 'lsilogic', hint: 'LSI 53C895A: 7 disks at most, and no system of today has its driver at hand.' },
  { value: 'lsisas1068', label: 'lsisas1068' },
  { value: 'lsisas1078', label: 'lsisas1078', hint: 'LSI MegaRAID.' },
  { value: 'vmpvscsi', label: 'vmpvscsi', hint: 'For guests that come from VMware.' },
  { value: 'am53c974', label: 'am53c974' },
  { value: 'dc390', label: 'dc390' },
];

function readController(element: XmlElement): Controller | null {
  const index = numberOf(element, 'index');
  if (element.attribute('type') !== 'scsi' || index === null || index < 0) return null;
  const driver = element.element('driver');
  const number = (name: string): number | null => numberOf(driver, name) || null;
  return {
    index, model: element.attribute('model'), iothread: number('iothread'), queues: number('queues'), cmd_per_lun: number('cmd_per_lun'), max_sectors: number('max_sectors'),
    ioeventfd: driver?.attribute('ioeventfd') || null,
  };
}

/** By their number; what has none yet is left to libvirt. */
const elementsOf = (xml: DomainXml): ReadonlyMap<number, XmlElement> =>
  new Map(xml.elements(...path).flatMap((element) => {
    const read = readController(element);
    return read === null ? [] : [[read.index, element] as const];
  }));

function writeController(element: XmlElement, wanted: Controller): void {
  const has = readController(element);
  if (has?.model !== wanted.model) {
    putAttribute(element, 'model', wanted.model);
    // Each model has slots of its own kind.
    const address = element.element('address');
    if (address !== null) element.remove(address);
  }
  const changed = driverNames.filter((name) => has?.[name] !== wanted[name]);
  if (changed.length === 0) return;
  const driver = element.element('driver') ?? element.add('driver', { order });
  for (const name of changed) putAttribute(driver, name, wanted[name]);
  dropEmpty(driver);
}

/** The disks and host devices that name a controller as theirs. */
const usersOf = (xml: DomainXml, index: number): readonly string[] => {
  const isThere = (device: XmlElement): boolean => numberOf(device.element('address'), 'controller') === index && device.element('address')?.attribute('type') === 'drive';
  return [
    ...xml.elements('devices', 'disk').filter((disk) => disk.element('target')?.attribute('bus') === 'scsi' && isThere(disk)).map((disk) => `disk ${disk.element('target')?.attribute('dev') ?? ''}`),
    ...xml.elements('devices', 'hostdev').filter((device) => device.attribute('type') === 'scsi' && isThere(device)).map(() => 'a SCSI device of the host'),
  ];
};

const onOff: readonly Option[] = ['on', 'off'].map((value) => ({ value, label: value }));
const isVirtio = (model: string | null): boolean => model === null || model.startsWith('virtio');

/** In the order of their numbers. */
export const scsiControllers: Knob<readonly Controller[]> = {
  label: 'SCSI controllers',
  panel: 'disks',
  card: 'SCSI controllers',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'controller',
    most: 32,
    fresh: { index: 0, model: 'virtio-scsi', iothread: null, queues: null, cmd_per_lun: null, max_sectors: null, ioeventfd: null },
    nowFixed: 'Changes at the next start.',
    hint: 'What disks of the bus scsi hang on, from the guest’s next start on. libvirt adds one where a disk needs it.',
    fields: {
      index: { kind: 'number', label: 'Number', least: 0, most: 4_294_967_295, measure: 'count', absent: null },
      model: { kind: 'choice', label: 'Model', absent: 'libvirt’s choice', options: models },
      iothread: { kind: 'number', label: 'I/O thread', least: 1, most: 4_294_967_295, measure: 'count', absent: 'the emulator’s own', hint: 'The thread of this guest that serves all disks of the controller.' },
      queues: { kind: 'number', label: 'Queues', least: 1, most: mostQueues, measure: 'count', absent: 'QEMU’s own', hint: 'One for each vCPU at best.' },
      cmd_per_lun: { kind: 'number', label: 'Commands per disk', least: 1, most: 4_294_967_295, measure: 'count', absent: 'QEMU’s own', hint: 'How many commands of a disk are under way at once.' },
      max_sectors: { kind: 'number', label: 'Sectors per command', least: 1, most: 4_294_967_295, measure: 'count', absent: 'QEMU’s own', hint: 'How much one command moves at most, in sectors of 512 bytes.' },
      ioeventfd: { kind: 'choice', label: 'I/O events', absent: 'QEMU’s choice', options: onOff, hint: 'Whether the guest’s notifications bypass the vCPU’s loop.' },
    },
  }),
  unit: wholeGuest,
  value: z.array(controller).max(32).readonly(),

  read: (xml) => (guestKind(xml) === 'qemu' ? { '': [...elementsOf(xml).values()].flatMap((element) => readController(element) ?? []).toSorted((one, other) => one.index - other.index) } : {}),

  write(xml, _unit, value) {
    const had = elementsOf(xml);
    for (const [index, element] of had) if (!value.some((one) => one.index === index)) element.parent?.remove(element);
    value.forEach((wanted, at) => {
      if (value.findIndex(({ index }) => index === wanted.index) < at) return;
      const element = had.get(wanted.index) ?? xml.add(path, { type: 'scsi', index: `${wanted.index}` });
      writeController(element, wanted);
    });
  },

  check(value, _unit, _truth, _facts, after) {
    const disks = [...new Set([...after.elements('devices', 'disk'), ...after.elements('devices', 'hostdev')].flatMap((device) => numberOf(device.element('address'), 'controller') ?? []))];
    const left = disks.filter((index) => !value.some((one) => one.index === index)).map((index) => ({ index, users: usersOf(after, index) })).find(({ users }) => users.length > 0);
    return [
      ...(left === undefined ? [] : [diskError(`${left.users.join(', ')} hangs on controller ${left.index}: move it to another bus or remove it first.`)]),
      ...value.flatMap((one, item) => findings(one, item, value, after)),
    ];
  },

  step: () => null,
  say: (value) => (value.length === 0 ? 'none' : value.map(sayController).join('; ')),
  name: () => 'SCSI controllers',
};

const sayController = ({ index, model, iothread, ...rest }: Controller): string => [
  `${index}: ${model ?? 'libvirt’s choice'}`, ...(iothread === null ? [] : [`I/O thread ${iothread}`]),
  ...driverNames.flatMap((name) => (name === 'iothread' || rest[name] === null ? [] : [`${name} ${rest[name]}`])),
].join(', ');

function findings(one: Controller, item: number, all: readonly Controller[], after: DomainXml): readonly Finding[] {
  const at = (key: keyof Controller): string => itemField(item, key);
  const { index, model, iothread, queues } = one;
  const virtioOnly = isVirtio(model) ? undefined : driverNames.find((name) => one[name] !== null);
  const vcpus = maximumVcpus(after);
  return [
    ...(all.findIndex((other) => other.index === index) < item ? [diskError(`Another SCSI controller has the number ${index}.`, at('index'))] : []),
    ...(virtioOnly === undefined ? [] : [diskError(`Only virtio-scsi controllers have this setting, and this one is ${model}.`, at(virtioOnly))]),
    ...(iothread !== null && !ioThreadIds(after).includes(iothread) ? [diskError(`The guest has no I/O thread ${iothread}: add it first, or with this.`, at('iothread'))] : []),
    ...(queues !== null && queues > mostQueues ? [diskError(`There can be ${mostQueues} queues at most.`, at('queues'))]
      : queues !== null && queues > vcpus ? [diskWarning(`The guest has at most ${vcpus} vCPUs: queues beyond that stay unused.`, at('queues'))] : []),
  ];
}
