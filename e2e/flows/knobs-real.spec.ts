// Every knob through the page, on the lab's real libvirtd with running guests: virsh sees it set and taken back, and what libvirt refuses stands at the field.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestNames } from '../../main/services/knob-row.test-peer.ts';
import { bareXml } from '../../main/services/knob-table.test-peer.ts';
import { startGuest } from '../lab/guests.ts';
import { isLong } from '../lab/long.ts';
import type { Lab } from '../lab/state.ts';
import { labDown } from '../lab/tier1.ts';
import { virsh } from '../lab/witness.ts';
import { flowLab } from './flow-lab.ts';
import { holdTable } from './knob-rounds.ts';
import { addHost, openGuest, test } from './program.ts';

test.describe('Every knob on a real host', () => {
  // One lab for all guests; those with an operating system, whose table the services hold in every run, when there is time.
  const guests = guestNames.filter((guest) => isLong || guest === 'bare');
  test.describe.configure({ mode: 'default', timeout: 600_000 });
  test.use({ actionTimeout: 30_000 });
  let lab: Lab;
  let folder: string;

  test.beforeAll(async () => {
    lab = await flowLab('knobflow');
    folder = await mkdtemp(join(tmpdir(), 'guestdeck-bare-'));
    await writeFile(join(folder, 'bare.xml'), bareXml(lab.accelerator === 'kvm' ? 'kvm' : 'qemu'));
    await virsh(lab, 'define', join(folder, 'bare.xml'));
    await Promise.all(guests.map(async (guest) => await (guest === 'bare' ? virsh(lab, 'start', guest) : startGuest(lab, guest))));
  });
  test.afterAll(async () => {
    if (lab !== undefined) await labDown();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  for (const guest of guests) {
    test(`${guest}: every knob is set, seen by virsh, read back and undone, or refused at its field`, async ({ window }) => {
      await addHost(window, `qemu+ssh://${lab.ssh.user}@${lab.ssh.host}:${lab.ssh.port}/system?keyfile=${lab.ssh.keyFile}&known_hosts=${lab.ssh.knownHosts}`);
      await window.getByRole('heading', { name: 'CPUs and pinned guests' }).waitFor();
      await window.getByRole('link', { name: /^All guests/ }).click();
      await openGuest(window, guest, 'CPU');
      await holdTable(window, guest, { name: 'lab', look: async (name, [command = '', ...rest]) => await virsh(lab, command, name, ...rest) });
    });
  }
});
