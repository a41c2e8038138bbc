// Devices of the host that a guest has to itself: USB, PCI and mediated ones, https://libvirt.org/formatdomain.html#host-device-assignment
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { always, isNew, letsGo, listOf } from './device-list.ts';
import { type HostDevice, hostDevice, hostDeviceElement, hostDeviceForms } from './host-device.ts';
import { type Facts, type Finding, itemField, type Knob, type Truth, wholeGuest } from './knob.ts';

const hasNoUsb = (xml: DomainXml): boolean => xml.elements('devices', 'controller').some((element) => element.attribute('type') === 'usb' && element.attribute('model') === 'none');
/** Whether the host tells that it has no way to hand PCI devices, whole or in parts, to guests. */
const hasNoVfio = ({ domainCapabilities }: Facts): boolean => domainCapabilities?.devices['hostdev']?.enums['pciBackend']?.length === 0;

export const hostDevices: Knob<readonly HostDevice[]> = {
  label: 'Devices of the host',
  panel: 'devices',
  card: 'Devices of the host',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    item: 'device',
    most: 64,
    fresh: { kind: 'usb', device: '046d:c52b', managed: true, address: null },
    hint: 'The host and other guests cannot use them meanwhile. A guest with devices of the host is not migrated, but for mediated ones that can be.',
    fields: {
      kind: { kind: 'choice', label: 'Kind', absent: null, options: [{ value: 'usb', label: 'USB' }, { value: 'pci', label: 'PCI' }, { value: 'mdev', label: 'mediated', hint: 'A part of a device that its driver divides, as a vGPU.' }] },
      device: { kind: 'text', label: 'Device', absent: null, example: '0000:41:00.0', hint: 'USB by vendor:product or bus.device, PCI by its address, mediated ones by their UUID.' },
      managed: { kind: 'switch', label: 'Managed', hint: 'libvirt takes a PCI device from its driver of the host when the guest gets it, and gives it back afterwards. Otherwise do both by hand.' },
    },
  }),
  unit: wholeGuest,
  value: z.array(hostDevice).max(64).readonly(),
  ...listOf(hostDeviceElement, always),

  check: (value, _unit, truth, facts, after) => value.flatMap((one, item) => findings(one, item, value, truth, facts, after)),
  arrives: letsGo,
  name: () => 'Devices of the host',
};

function findings(one: HostDevice, item: number, all: readonly HostDevice[], truth: Truth, facts: Facts, after: DomainXml): readonly Finding[] {
  const { kind, device, managed } = one;
  const { form, words } = hostDeviceForms[kind];
  const refuse = (message: string, key: keyof HostDevice): Finding => ({ level: 'error', message, field: itemField(item, key) });
  return [
    ...(form.test(device) ? [] : [refuse(words, 'device')]),
    ...(all.findIndex((other) => other.kind === kind && other.device === device) < item ? [refuse('The guest has this device already.', 'device')] : []),
    ...(kind === 'usb' && hasNoUsb(after) ? [refuse('The guest has no USB controller.', 'kind')] : []),
    ...(kind === 'mdev' && managed ? [refuse('A mediated device is never managed: it is there, or the guest does not start.', 'managed')] : []),
    ...(kind !== 'usb' && hasNoVfio(facts) ? [{ level: isNew(hostDeviceElement, one, truth, after) ? 'error' as const : 'warning' as const, message: 'The host has no IOMMU that is turned on, or no VFIO: its PCI devices cannot be handed to guests.', field: itemField(item, 'kind') }] : []),
  ];
}
