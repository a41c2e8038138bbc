// One device of the host that a guest is given, as a value: USB, PCI and mediated ones, https://libvirt.org/formatdomain.html#host-device-assignment
import { z } from '../domain/schema.ts';
import { pciName, usbName } from '../domain/device-name.ts';
import type { XmlElement } from '../xml/domain-xml.ts';
import { childIn, deviceAddress, type DeviceKind } from './device-list.ts';

export const hostDeviceKinds = ['usb', 'pci', 'mdev'] as const;
export type HostDeviceKind = (typeof hostDeviceKinds)[number];

/** How each kind is written, as lspci and lsusb do. */
export const hostDeviceForms: Readonly<Record<HostDeviceKind, { readonly form: RegExp; readonly words: string }>> = {
  usb: { form: /^(?:[0-9a-f]{4}:[0-9a-f]{4}|\d{1,3}\.\d{1,3})$/, words: 'A USB device is written by vendor and product, as 046d:c52b, or by bus and device, as 1.4.' },
  pci: { form: /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/, words: 'A PCI device is written as 0000:41:00.0.' },
  mdev: { form: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, words: 'A mediated device is written by its UUID.' },
};

/** `device` in the form of its kind. */
export const hostDevice = z.strictObject({ kind: z.enum(hostDeviceKinds), device: z.string().min(1).max(64), managed: z.boolean(), address: deviceAddress }).readonly();
export type HostDevice = z.infer<typeof hostDevice>;

const hex = (element: XmlElement, name: string): number => Number.parseInt(element.attribute(name) ?? '0', 16) || 0;

function deviceIn(kind: HostDeviceKind, source: XmlElement): string | null {
  const [address, vendor, product] = ['address', 'vendor', 'product'].map((name) => source.element(name) ?? null);
  if (kind === 'mdev') return address?.attribute('uuid') ?? null;
  if (kind === 'pci') return address == null ? null : pciName({ domain: hex(address, 'domain'), bus: hex(address, 'bus'), slot: hex(address, 'slot'), at: hex(address, 'function') });
  // A running guest's tells where it was found as well.
  if (vendor != null && product != null) return usbName(hex(vendor, 'id'), hex(product, 'id'));
  return address == null ? null : `${Number(address.attribute('bus') ?? 0)}.${Number(address.attribute('device') ?? 0)}`;
}

function writeSource(source: XmlElement, { kind, device }: HostDevice): void {
  for (const child of source.children) source.remove(child);
  const add = (name: string, attributes: Readonly<Record<string, string>>): void => void source.add(name, {}, attributes);
  if (kind === 'mdev') add('address', { uuid: device });
  else if (kind === 'usb' && device.includes(':')) {
    const [vendor = '', product = ''] = device.split(':');
    add('vendor', { id: `0x${vendor}` });
    add('product', { id: `0x${product}` });
  } else if (kind === 'usb') {
    const [bus = '', number = ''] = device.split('.');
    add('address', { bus, device: number });
  } else {
    const [domain = '', bus = '', slot = '', at = ''] = device.split(/[:.]/);
    add('address', { domain: `0x${domain}`, bus: `0x${bus}`, slot: `0x${slot}`, function: `0x${at}` });
  }
}

const names: Readonly<Record<HostDeviceKind, string>> = { usb: 'USB', pci: 'PCI', mdev: 'mediated' };

export const hostDeviceElement: DeviceKind<HostDevice> = {
  element: 'hostdev',
  order: ['driver', 'source', 'teaming', 'boot', 'rom', 'alias', 'address'],
  known: ['kind', 'device'],
  read(element) {
    const kind = hostDeviceKinds.find((known) => known === element.attribute('type'));
    const source = element.element('source');
    // Others are SCSI, or a container's.
    const device = kind === undefined || source === null || element.attribute('mode') !== 'subsystem' ? null : deviceIn(kind, source);
    return kind === undefined || device === null ? null : { kind, device, managed: element.attribute('managed') === 'yes', address: null };
  },
  write(element, wanted) {
    const has = hostDeviceElement.read(element);
    const isOther = has?.kind !== wanted.kind;
    if (isOther) {
      element.setAttribute('mode', 'subsystem');
      element.setAttribute('type', wanted.kind);
    }
    if (has?.managed !== wanted.managed) element.setAttribute('managed', wanted.managed ? 'yes' : 'no');
    if (isOther) {
      element.removeAttribute('model');
      if (wanted.kind === 'mdev') element.setAttribute('model', 'vfio-pci');
    }
    if (has?.kind === wanted.kind && has.device === wanted.device) return;
    const old = element.element('source');
    if (old === null) writeSource(childIn(element, 'source', hostDeviceElement), wanted);
    else {
      const fresh = element.add('source', { before: old });
      element.remove(old);
      writeSource(fresh, wanted);
    }
  },
  say: ({ kind, device }) => `${names[kind]} device ${device}`,
};
