// Panic devices: how the host hears that the kernel inside crashed, <devices><panic>, https://libvirt.org/formatdomain.html#panic-device
import { z } from '../domain/schema.ts';
import { deviceAddress, type DeviceKind, listOf, never } from './device-list.ts';
import { itemField, type Knob, wholeGuest } from './knob.ts';

/** `model` null = libvirt's choice for the machine. */
const panic = z.strictObject({ model: z.string().min(1).max(32).nullable(), address: deviceAddress }).readonly();
type Panic = z.infer<typeof panic>;

const kind: DeviceKind<Panic> = {
  element: 'panic',
  order: ['alias', 'address'],
  open: ['model'],
  read: (element) => ({ model: element.attribute('model'), address: null }),
  write(element, { model }) {
    if (model === null) element.removeAttribute('model');
    else element.setAttribute('model', model);
  },
  say: ({ model }) => `panic device${model === null ? '' : ` ${model}`}`,
};

export const panics: Knob<readonly Panic[]> = {
  label: 'Panic devices',
  panel: 'devices',
  card: 'Helpers',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    nowFixed: 'Changes at the next start.',
    item: 'panic device',
    most: 4,
    fresh: { model: null, address: null },
    hint: 'The kernel inside tells the host by it that it crashed; what becomes of the guest then is set under Crashing.',
    fields: {
      model: { kind: 'choice', label: 'Model', absent: 'libvirt’s choice', options: [
        { value: 'isa', label: 'isa', hint: 'pvpanic, for x86.' },
        { value: 'hyperv', label: 'hyperv', hint: 'For Windows, with Hyper-V features.' },
        { value: 'pvpanic', label: 'pvpanic', hint: 'On PCI; libvirt 9.1 and newer.' },
        { value: 'pseries', label: 'pseries', hint: 'For POWER.' },
        { value: 's390', label: 's390' },
      ] },
    },
  }),
  unit: wholeGuest,
  value: z.array(panic).max(4).readonly(),
  ...listOf(kind, never),

  check: (value, _unit, _truth, { libvirtVersion }) => value.flatMap(({ model }, item) => [
    ...(value.findIndex((other) => other.model === model) < item ? [{ level: 'error' as const, message: 'There is one of each model.', field: itemField(item, 'model') }] : []),
    ...(model === 'pvpanic' && libvirtVersion !== null && libvirtVersion < 9_001_000 ? [{ level: 'error' as const, message: 'The model pvpanic needs libvirt 9.1 on the host.', field: itemField(item, 'model') }] : []),
  ]),
  name: () => 'Panic devices',
};
