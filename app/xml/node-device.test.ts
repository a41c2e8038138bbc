// What is read of a host's devices.
import { describe, expect, it } from 'vitest';
import { readNodeDevice } from './node-device.ts';

describe('a device of the host', () => {
  it('on PCI has its address as guests name it, its driver, and what shares its IOMMU group', () => {
    expect(readNodeDevice(`<device><name>pci_0000_41_00_0</name><driver><name>nvidia</name></driver><capability type='pci'><class>0x030000</class><domain>0</domain><bus>65</bus><slot>0</slot><function>0</function>
      <product id='0x2684'>AD102</product><vendor id='0x10de'>NVIDIA</vendor><iommuGroup number='14'><address domain='0x0000' bus='0x41' slot='0x00' function='0x0'/><address domain='0x0000' bus='0x41' slot='0x00' function='0x1'/></iommuGroup></capability></device>`)).toEqual({
      name: 'pci_0000_41_00_0', kind: 'pci', device: '0000:41:00.0', place: null, vendor: 'NVIDIA', product: 'AD102', driver: 'nvidia', iommuGroup: 14, companions: ['0000:41:00.1'],
    });
  });

  it('without words is called by its numbers, and without a driver is nobody’s', () => {
    expect(readNodeDevice("<device><name>pci_0000_00_05_0</name><capability type='pci'><class>0xffff00</class><domain>0</domain><bus>0</bus><slot>31</slot><function>7</function><product id='0x1044'/><vendor id='0x1af4'/></capability></device>"))
      .toMatchObject({ device: '0000:00:1f.7', vendor: '0x1af4', product: '0x1044', driver: null, iommuGroup: null, companions: [] });
  });

  it('on USB has vendor and product, and where it is', () => {
    expect(readNodeDevice("<device><name>usb_1_4</name><driver><name>usb</name></driver><capability type='usb_device'><bus>1</bus><device>4</device><product id='0x0407'>Yubikey</product><vendor id='0x1050'>Yubico.com</vendor></capability></device>"))
      .toMatchObject({ kind: 'usb', device: '1050:0407', place: '1.4', vendor: 'Yubico.com', product: 'Yubikey' });
  });

  it.each(["<uuid>9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f</uuid>", ''])('that is mediated has its UUID, told %s or by its name', (uuid) => {
    expect(readNodeDevice(`<device><name>mdev_9c1f8c3a_2b0e_4c43_9b5e_1a2b3c4d5e6f_0000_41_00_0</name><capability type='mdev'><type id='nvidia-11'/>${uuid}<iommuGroup number='99'/></capability></device>`))
      .toMatchObject({ kind: 'mdev', device: '9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f', product: 'nvidia-11', iommuGroup: 99 });
  });

  it.each(["<device><name>x</name></device>", "<device><name>x</name><capability type='net'/></device>", "<device><name>x</name><capability type='pci'><class>0x060400</class></capability></device>", "<device><name>x</name><capability type='usb_device'><vendor id='0x1d6b'/></capability></device>"])(
    'that no guest is given is none: %s', (text) => expect(readNodeDevice(text)).toBeNull());
});
