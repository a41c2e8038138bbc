// The lab's libvirtd with a main process connected to it: what tests of real guests start from.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopGuest } from './guests.ts';
import type { Lab } from './state.ts';
import { labUp } from './tier1.ts';
import { virsh } from './witness.ts';
import { type Asking, asking } from '../../main/services/asking.test-peer.ts';
import { bareXml } from '../../main/services/knob-table.test-peer.ts';
import { createMain } from '../../main/services/main.ts';
import type { Main } from '../../main/services/services.ts';

export interface LabMain {
  readonly lab: Lab;
  /** Where the main process keeps its data; gone with `close`. */
  readonly folder: string;
  readonly main: Main;
  readonly ask: Asking;
  /** The id of the lab as a host. */
  readonly host: string;
  /** A guest that was there when the main process connected. */
  readonly uuidOf: (guest: string) => string;
  readonly close: () => Promise<void>;
}

/** @param guests what is to be there before the main process looks. */
export const labMain = async (guests: (lab: Lab, folder: string) => Promise<unknown>): Promise<LabMain> => {
  const lab = await labUp();
  const folder = await mkdtemp(join(tmpdir(), 'guestdeck-lab-main-'));
  await guests(lab, folder);
  const main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} });
  const ask = asking(main);
  const { id: host } = await ask('connections', 'add', { uri: `qemu:///system?socket=${lab.unix.socket}` });
  await ask('connections', 'connect', { id: host });
  const listed = await ask('guests', 'list', { host });
  return {
    lab, folder, main, ask, host,
    uuidOf: (guest) => listed.find(({ name }) => name === guest)?.uuid ?? '',
    close: async () => {
      await main.close();
      await rm(folder, { recursive: true });
    },
  };
};

/** Defines the table's guest without a system, and starts it. */
export const startBare = async (lab: Lab, folder: string): Promise<void> => {
  const file = join(folder, 'bare.xml');
  await writeFile(file, bareXml(lab.accelerator === 'kvm' ? 'kvm' : 'qemu'));
  await virsh(lab, 'define', file);
  await stopGuest(lab, 'bare');
  await virsh(lab, 'start', 'bare');
};

export const removeBare = async (lab: Lab): Promise<void> => {
  await stopGuest(lab, 'bare');
  await virsh(lab, 'undefine', 'bare');
};
