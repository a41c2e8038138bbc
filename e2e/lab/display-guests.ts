// Guests of the hypervisor alone with displays of any kind: the BIOS paints text.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabDaemon } from './state.ts';
import { virsh } from './witness.ts';

/** Has every address of this machine known by the lab's keys, whichever of its sshds answers there. */
export async function writeKnownHosts(lab: LabDaemon, file: string): Promise<void> {
  await writeFile(file, (await Promise.all(lab.ssh.hostKeyFiles.map(async (key) => `* ${(await readFile(`${key}.pub`, 'utf8')).trim()}\n`))).join(''));
}

/** Defines and starts guests. @param graphics what each has by its name; without any it has no video either. @param folder for their definitions. */
export async function startDisplayGuests(lab: LabDaemon, folder: string, graphics: Readonly<Record<string, string>>, uuids: Readonly<Record<string, string>>): Promise<void> {
  for (const [guest, devices] of Object.entries(graphics)) {
    const file = join(folder, `${guest}.xml`);
    await writeFile(file, `<domain type='qemu'><name>${guest}</name><uuid>${uuids[guest]}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
      <devices><controller type='usb' model='none'/><memballoon model='none'/>${devices}${devices === '' ? '' : "<video><model type='vga'/></video>"}</devices></domain>`);
    await virsh(lab, 'define', file);
    await virsh(lab, 'start', guest);
  }
}
