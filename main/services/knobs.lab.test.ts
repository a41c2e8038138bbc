// The table of knobs against the lab's real libvirtd, with virsh as witness.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startGuest, stopGuest } from '../../e2e/lab/guests.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking } from './asking.test-peer.ts';
import { bareXml, rows, titleOf } from './knob-table.test-peer.ts';
import { type Place, prove } from './knobs.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';

/** Guests of the lab with a system inside. */
const systems = ['lab-one', 'lab-two'] as const;

let lab: Lab;
let folder: string;
let main: Main;
let place: Place;

beforeAll(async () => {
  lab = await labUp();
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-knobs-'));
  await writeFile(join(folder, 'bare.xml'), bareXml(lab.accelerator === 'kvm' ? 'kvm' : 'qemu'));
  await virsh(lab, 'define', join(folder, 'bare.xml'));
  await stopGuest(lab, 'bare');
  await virsh(lab, 'start', 'bare');
  await Promise.all(systems.filter((name) => rows.some(({ guest, truths }) => guest === name && truths.includes('live'))).map(async (name) => {
    await stopGuest(lab, name);
    await startGuest(lab, name);
  }));
  main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} });
  const ask = asking(main);
  const { id: host } = await ask('connections', 'add', { uri: `qemu:///system?socket=${lab.unix.socket}` });
  await ask('connections', 'connect', { id: host });
  const guests = await ask('guests', 'list', { host });
  place = {
    name: 'lab', ask, host,
    uuidOf: (guest) => guests.find(({ name }) => name === guest)?.uuid ?? '',
    look: async (guest, [command = '', ...rest]) => await virsh(lab, command, guest, ...rest),
  };
});
afterAll(async () => {
  await main.close();
  await stopGuest(lab, 'bare');
  await virsh(lab, 'undefine', 'bare');
  await Promise.all(systems.map(async (name) => await stopGuest(lab, name)));
  await rm(folder, { recursive: true });
});

describe('on a real libvirtd, as virsh sees it,', () => {
  it.each(rows.filter(({ only }) => only !== 'demo').map((row) => [titleOf(row), row] as const))('%s is set and undone, or refused in words', async (_, row) => await prove(row, place));
});
