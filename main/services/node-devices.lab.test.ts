// The lab machine's own devices, as virsh lists them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labMain, type LabMain } from '../../e2e/lab/lab-main.ts';
import { virsh } from '../../e2e/lab/witness.ts';

let started: LabMain;
beforeAll(async () => {
  started = await labMain(async () => undefined);
});
afterAll(async () => await started.close());

it('the devices of a real host are those that virsh lists, but for bridges and root hubs', async () => {
  const { ask, host, lab } = started;
  const devices = await ask('hosts', 'devices', { host });
  const names = (await virsh(lab, 'nodedev-list')).split('\n').filter((name) => name.startsWith('pci_'));
  const classes = await Promise.all(names.map(async (name) => [name, await virsh(lab, 'nodedev-dumpxml', name)] as const));
  expect(devices.filter(({ kind }) => kind === 'pci').map(({ name }) => name)).toEqual(classes.filter(([, xml]) => !xml.includes('<class>0x06')).map(([name]) => name));
  for (const { name, device, driver } of devices.filter(({ kind }) => kind === 'pci')) {
    const xml = classes.find(([other]) => other === name)?.[1] ?? '';
    expect([name, /<name>([^<]*)<\/name>\s*<\/driver>/.exec(xml)?.[1] ?? null]).toEqual([`pci_${device.replaceAll(/[:.]/g, '_')}`, driver]);
  }
});

// Taking a real one from its driver could cost the machine its disk or its network.
it('a device that is not there is refused in libvirt’s words', async () => {
  const { ask, host } = started;
  await expect(ask('hosts', 'driveDevice', { host, name: 'pci_ffff_ff_1f_7', byHost: false })).rejects.toMatchObject({ refusal: { code: 'libvirt', message: expect.stringMatching(/VFIO device assignment is currently not supported|no node device with matching name/) } });
});
