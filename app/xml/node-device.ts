// What a host tells of one of its devices that guests can be given, https://libvirt.org/formatnode.html
import { pciName, usbName } from '../domain/device-name.ts';
import type { XmlElement } from './document.ts';
import { readXml } from './read-xml.ts';

export interface NodeDevice {
  /** libvirt's name of it: `pci_0000_41_00_0`. */
  readonly name: string;
  readonly kind: 'usb' | 'pci' | 'mdev';
  /** As definitions of guests name it: `0000:41:00.0`, `046d:c52b`, a UUID. */
  readonly device: string;
  /** Where a USB device is: bus.device; it changes whenever it is plugged. */
  readonly place: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
  /** The host's driver that has it; null = none has. */
  readonly driver: string | null;
  readonly iommuGroup: number | null;
  /** What is in its IOMMU group beside it, and can only go to the same guest. */
  readonly companions: readonly string[];
}

/** libvirt writes numbers of PCI addresses in decimal here, those of vendors and of groups' addresses with 0x. */
const numberOf = (text: string | null | undefined): number => {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value >= 0 ? value : 0;
};
const idOf = (capability: XmlElement, name: string): number => numberOf(capability.element(name)?.attribute('id'));
const wordsOf = (capability: XmlElement, name: string): string | null => capability.element(name)?.text || capability.element(name)?.attribute('id') || null;
const addressOf = (part: (name: string) => string | null | undefined): string => pciName({ domain: numberOf(part('domain')), bus: numberOf(part('bus')), slot: numberOf(part('slot')), at: numberOf(part('function')) });

/** Bridges carry other devices, and are no guest's to have; so are root hubs of USB. */
const isBridge = (capability: XmlElement): boolean => (capability.element('class')?.text ?? '').startsWith('0x06');
const linuxFoundation = 0x1d6b;

/** @returns null for what is no device that guests are given. @throws XmlError for what is no XML. */
export function readNodeDevice(text: string): NodeDevice | null {
  const { root } = readXml(text);
  const capability = root.element('capability');
  const type = capability?.attribute('type');
  if (capability === null) return null;
  const group = capability.element('iommuGroup');
  const own = type === 'pci' ? addressOf((name) => capability.element(name)?.text) : '';
  const common = {
    name: root.element('name')?.text ?? '',
    driver: root.element('driver', 'name')?.text ?? null,
    iommuGroup: group === null ? null : numberOf(group.attribute('number')),
    companions: (group?.elements('address') ?? []).map((address) => addressOf((name) => address.attribute(name))).filter((address) => address !== own),
    place: null,
  };
  if (type === 'pci') return isBridge(capability) ? null : { ...common, kind: type, device: own, vendor: wordsOf(capability, 'vendor'), product: wordsOf(capability, 'product') };
  if (type === 'usb_device') {
    const vendor = idOf(capability, 'vendor');
    if (vendor === linuxFoundation) return null;
    const place = `${numberOf(capability.element('bus')?.text)}.${numberOf(capability.element('device')?.text)}`;
    return { ...common, kind: 'usb', device: usbName(vendor, idOf(capability, 'product')), place, vendor: wordsOf(capability, 'vendor'), product: wordsOf(capability, 'product') };
  }
  if (type === 'mdev') {
    const uuid = capability.element('uuid')?.text ?? common.name.replace(/^mdev_/, '').slice(0, 36).replaceAll('_', '-');
    return { ...common, kind: type, device: uuid, vendor: null, product: capability.element('type')?.attribute('id') ?? null, companions: [] };
  }
  return null;
}
