// Watchdogs: what the host does when the system inside stops answering, <devices><watchdog>, https://libvirt.org/formatdomain.html#watchdog-devices
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { deviceAddress, type DeviceKind, isNew, letsGo, listOf } from './device-list.ts';
import { type Facts, type Finding, itemField, type Knob, type Truth, wholeGuest } from './knob.ts';

const word = z.string().min(1).max(32);
/** `action` null = libvirt's usual one, reset. */
const watchdog = z.strictObject({ model: word, action: word.nullable(), address: deviceAddress }).readonly();
type Watchdog = z.infer<typeof watchdog>;

const kind: DeviceKind<Watchdog> = {
  element: 'watchdog',
  order: ['alias', 'address'],
  known: ['model'],
  open: ['action'],
  read: (element) => ({ model: element.attribute('model') ?? 'i6300esb', action: element.attribute('action'), address: null }),
  write(element, wanted) {
    if (element.attribute('model') !== wanted.model) element.setAttribute('model', wanted.model);
    if (wanted.action === null) element.removeAttribute('action');
    else element.setAttribute('action', wanted.action);
  },
  say: ({ model, action }) => `watchdog ${model}, ${action ?? 'reset'}`,
};

/** Since when a guest can have several, one of each model. */
const several = 9_001_000;
/** The models on a bus that takes them while the guest runs. */
const plugged = ['i6300esb'];

export const watchdogs: Knob<readonly Watchdog[]> = {
  label: 'Watchdog',
  panel: 'devices',
  card: 'Helpers',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'watchdog',
    most: 4,
    fresh: { model: 'i6300esb', action: 'reset', address: null },
    hint: 'Acts when the system inside, having begun to feed it, stops. The model i6300esb can be plugged and taken away while the guest runs; one that is plugged keeps its action.',
    fields: {
      model: { kind: 'choice', label: 'Model', absent: null, options: [
        { value: 'i6300esb', label: 'i6300esb', hint: 'A PCI card; Linux has a driver.' },
        { value: 'itco', label: 'itco', hint: 'Part of the q35 chipset; libvirt 9.1 and newer.' },
        { value: 'ib700', label: 'ib700', hint: 'An ISA card.' },
        { value: 'diag288', label: 'diag288', hint: 's390 alone.' },
      ] },
      action: { kind: 'choice', label: 'Action', absent: 'usual: reset', options: [
        { value: 'reset', label: 'reset', hint: 'The guest starts anew at once.' },
        { value: 'shutdown', label: 'shutdown', hint: 'The system inside is asked to shut down, which it may be past.' },
        { value: 'poweroff', label: 'poweroff', hint: 'The guest is off at once.' },
        { value: 'pause', label: 'pause', hint: 'The guest stands still, to be looked at.' },
        { value: 'dump', label: 'dump', hint: 'Its memory is written to a file of the host, and it goes on.' },
        { value: 'inject-nmi', label: 'inject-nmi', hint: 'The kernel inside gets a non-maskable interrupt, and may write a dump of its own.' },
        { value: 'none', label: 'none', hint: 'Only an event tells of it.' },
      ] },
    },
  }),
  unit: wholeGuest,
  value: z.array(watchdog).max(4).readonly(),
  ...listOf(kind, ({ model }) => plugged.includes(model)),

  check: (value, _unit, truth, facts, after) => value.flatMap((one, item) => findings(one, item, value, truth, facts, after)),
  arrives: letsGo,
  name: () => 'Watchdog',
};

function findings(one: Watchdog, item: number, all: readonly Watchdog[], truth: Truth, { libvirtVersion }: Facts, after: DomainXml): readonly Finding[] {
  const { model } = one;
  const machine = after.element('os', 'type')?.attribute('machine') ?? '';
  const refuse = (message: string): Finding => ({ level: 'error', message, field: itemField(item, 'model') });
  const isOld = libvirtVersion !== null && libvirtVersion < several;
  return [
    ...(isOld && all.length > 1 && item > 0 ? [refuse('A guest has one watchdog; several need libvirt 9.1 on the host.')] : []),
    ...(all.findIndex((other) => other.model === model) < item ? [refuse(`The guest has a watchdog ${model} already.`)] : []),
    ...(isOld && model === 'itco' ? [refuse('The model itco needs libvirt 9.1 on the host.')] : []),
    ...(model === 'itco' && machine !== '' && !machine.includes('q35') ? [refuse('The model itco is part of the q35 chipset, and this guest has another.')] : []),
    ...(!plugged.includes(model) && isNew(kind, one, truth, after) ? [refuse(`A watchdog ${model} cannot be plugged while the guest runs.`)] : []),
  ];
}
