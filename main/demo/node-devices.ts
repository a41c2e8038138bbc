// The demo host's devices that guests can be given: two graphics cards, a network card in functions, and what is plugged into USB.
import { checkFlags, Fault } from './fault.ts';
import type { Handlers } from './serve.ts';
import { Element } from './xml.ts';

interface Device {
  readonly name: string;
  /** Its capability, without what its driver and its group make of it. */
  readonly capability: readonly Element[];
  readonly type: 'pci' | 'usb_device' | 'mdev';
  /** The driver of the host that it belongs to. */
  readonly home: string | null;
  driver: string | null;
}

const element = (name: string, text: string): Element => new Element(name, {}, [text]);
const worded = (name: string, id: string, words: string): Element => new Element(name, { id }, [words]);

const pci = (bus: number, at: number, group: { readonly number: number; readonly functions: number }, driver: string | null, kind: string, product: readonly [string, string], vendor: readonly [string, string]): Device => ({
  name: `pci_0000_${bus.toString(16).padStart(2, '0')}_00_${at}`,
  type: 'pci',
  home: driver,
  driver,
  capability: [
    element('class', kind), element('domain', '0'), element('bus', `${bus}`), element('slot', '0'), element('function', `${at}`), worded('product', ...product), worded('vendor', ...vendor),
    new Element('iommuGroup', { number: `${group.number}` }, Array.from({ length: group.functions }, (_, number) => new Element('address', { domain: '0x0000', bus: `0x${bus.toString(16).padStart(2, '0')}`, slot: '0x00', function: `0x${group.functions === 1 ? at : number}` }))),
  ],
});
const usb = (bus: number, device: number, product: readonly [string, string], vendor: readonly [string, string]): Device => ({
  name: `usb_${bus}_${device}`, type: 'usb_device', home: 'usb', driver: 'usb', capability: [element('bus', `${bus}`), element('device', `${device}`), worded('product', ...product), worded('vendor', ...vendor)],
});

const nvidia = ['0x10de', 'NVIDIA Corporation'] as const;
const intel = ['0x8086', 'Intel Corporation'] as const;
const machineDevices = (): readonly Device[] => [
  pci(0x41, 0, { number: 14, functions: 2 }, 'nvidia', '0x030000', ['0x2684', 'AD102 [GeForce RTX 4090]'], nvidia),
  pci(0x41, 1, { number: 14, functions: 2 }, 'snd_hda_intel', '0x040300', ['0x22ba', 'AD102 High Definition Audio Controller'], nvidia),
  pci(0x81, 0, { number: 31, functions: 1 }, 'nvidia', '0x030200', ['0x2236', 'GA102GL [A10]'], nvidia),
  ...[0, 1].map((at) => pci(0xc1, at, { number: 40 + at, functions: 1 }, 'ice', '0x020000', ['0x1592', 'Ethernet Controller E810-C for QSFP'], intel)),
  { name: 'mdev_9c1f8c3a_2b0e_4c43_9b5e_1a2b3c4d5e6f_0000_81_00_0', type: 'mdev', home: null, driver: 'nvidia-vgpu-vfio', capability: [new Element('type', { id: 'nvidia-592' }), element('uuid', '9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f'), new Element('iommuGroup', { number: '58' })] },
  usb(1, 2, ['0xc52b', 'Unifying Receiver'], ['0x046d', 'Logitech, Inc.']),
  usb(1, 4, ['0x0407', 'Yubikey 4/5 OTP+U2F+CCID'], ['0x1050', 'Yubico.com']),
];

/** VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV, _USB_DEV and _MDEV. */
const bitOf: Readonly<Record<Device['type'], number>> = { pci: 2, usb_device: 4, mdev: 16_384 };

export const nodeDeviceHandlers = (): Handlers => {
  const devices = machineDevices();
  const find = (name: string): Device => {
    const found = devices.find((device) => device.name === name);
    if (found === undefined) throw new Fault('noNodeDevice', 'nodedev', `Node device not found: no node device with matching name '${name}'`);
    return found;
  };
  const mustBePci = (device: Device): void => {
    if (device.type !== 'pci') throw new Fault('invalidArg', 'nodedev', 'invalid argument: device is not a PCI device');
  };
  return {
    connectListAllNodeDevices: ({ flags }) => {
      const shown = devices.filter(({ type }) => (flags & bitOf[type]) !== 0).map(({ name }) => ({ name }));
      return { devices: shown, ret: shown.length };
    },
    nodeDeviceGetXmlDesc: ({ name }) => {
      const { driver, capability, type } = find(name);
      return { xml: new Element('device', {}, [element('name', name), ...(driver === null ? [] : [new Element('driver', {}, [element('name', driver)])]), new Element('capability', { type }, capability.map((one) => one.clone()))]).print() };
    },
    nodeDeviceDetachFlags: ({ name, flags }) => {
      checkFlags(flags, 0);
      const device = find(name);
      mustBePci(device);
      device.driver = 'vfio-pci';
    },
    nodeDeviceReAttach: ({ name }) => {
      const device = find(name);
      mustBePci(device);
      device.driver = device.home;
    },
  };
};
