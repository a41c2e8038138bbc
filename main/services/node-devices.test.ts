// The host's devices through the door of main: what they are, who has them, and taking them from their driver and back, on the demo host.
import { expect, it } from 'vitest';
import { connectedMain } from './demo-main.test-peer.ts';

it('devices of the host are told with driver, IOMMU group and who has them', async () => {
  const { ask } = await connectedMain();
  const devices = await ask('hosts', 'devices', { host: 'demo' });
  expect(devices.map(({ kind, device }) => `${kind} ${device}`)).toEqual([
    'mdev 9c1f8c3a-2b0e-4c43-9b5e-1a2b3c4d5e6f', 'pci 0000:41:00.0', 'pci 0000:41:00.1', 'pci 0000:81:00.0', 'pci 0000:c1:00.0', 'pci 0000:c1:00.1', 'usb 046d:c52b', 'usb 1050:0407',
  ]);
  expect(devices[1]).toMatchObject({ vendor: 'NVIDIA Corporation', driver: 'nvidia', iommuGroup: 14, companions: ['0000:41:00.1'], users: [] });

  const guest = (await ask('guests', 'list', { host: 'demo' })).find(({ name }) => name === 'web-01');
  const which = { host: 'demo', uuid: guest?.uuid ?? '' };
  const { basis } = await ask('tuning', 'read', which);
  const given = [{ kind: 'pci', device: '0000:41:00.0', managed: true, address: null }, { kind: 'usb', device: '1.4', managed: true, address: null }] as const;
  const { outcome } = await ask('tuning', 'apply', { ...which, basis, wanted: { saved: { hostDevices: { '': given } }, live: { hostDevices: { '': [given[1]] } } } });
  expect(outcome).toBe('complete');
  const users = (await ask('hosts', 'devices', { host: 'demo' })).filter((device) => device.users.length > 0).map((device) => [device.device, device.users.map(({ name, now }) => [name, now])]);
  expect(users).toEqual([['0000:41:00.0', [['web-01', false]]], ['1050:0407', [['web-01', true]]]]);
});

it('a PCI device is taken from its driver and given back, and the history knows', async () => {
  const { ask } = await connectedMain();
  const driver = async (): Promise<string | null | undefined> => (await ask('hosts', 'devices', { host: 'demo' })).find(({ device }) => device === '0000:c1:00.1')?.driver;
  await ask('hosts', 'driveDevice', { host: 'demo', name: 'pci_0000_c1_00_1', byHost: false });
  expect(await driver()).toBe('vfio-pci');
  await ask('hosts', 'driveDevice', { host: 'demo', name: 'pci_0000_c1_00_1', byHost: true });
  expect(await driver()).toBe('ice');
  const entries = await ask('history', 'list', { host: 'demo' });
  expect(entries.map(({ title, guest, outcome, steps }) => [title, guest, outcome, steps[0]?.virsh])).toEqual([
    ['Give pci_0000_c1_00_1 back to its driver', null, 'complete', 'virsh nodedev-reattach pci_0000_c1_00_1'], ['Take pci_0000_c1_00_1 from its driver', null, 'complete', 'virsh nodedev-detach pci_0000_c1_00_1'],
  ]);
  await expect(ask('hosts', 'driveDevice', { host: 'demo', name: 'usb_1_4', byHost: false })).rejects.toMatchObject({ refusal: { code: 'libvirt', message: expect.stringContaining('not a PCI device') } });
});
