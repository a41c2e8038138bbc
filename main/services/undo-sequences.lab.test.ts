// Undo of a sequence of plans leads back to the start, on the lab's real libvirtd.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopGuest } from '../../e2e/lab/guests.ts';
import type { Lab } from '../../e2e/lab/state.ts';
import { labUp } from '../../e2e/lab/tier1.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { asking } from './asking.test-peer.ts';
import { bareXml } from './knob-table.test-peer.ts';
import type { Place } from './knobs.test-peer.ts';
import { createMain } from './main.ts';
import type { Main } from './services.ts';
import { attempts, undoAll } from './undo-sequences.test-peer.ts';

let lab: Lab;
let folder: string;
let main: Main;
let place: Place;

beforeAll(async () => {
  lab = await labUp();
  folder = await mkdtemp(join(tmpdir(), 'guestdeck-undo-'));
  await writeFile(join(folder, 'bare.xml'), bareXml(lab.accelerator === 'kvm' ? 'kvm' : 'qemu'));
  await virsh(lab, 'define', join(folder, 'bare.xml'));
  await stopGuest(lab, 'bare');
  await virsh(lab, 'start', 'bare');
  main = await createMain({ dataFolder: folder, shell: 'web', version: 'test', home: folder, env: {} });
  const ask = asking(main);
  const { id: host } = await ask('connections', 'add', { uri: `qemu:///system?socket=${lab.unix.socket}` });
  await ask('connections', 'connect', { id: host });
  const uuid = (await ask('guests', 'list', { host })).find(({ name }) => name === 'bare')?.uuid ?? '';
  place = { name: 'lab', ask, host, uuidOf: () => uuid, look: async () => null };
});
afterAll(async () => {
  await main.close();
  await stopGuest(lab, 'bare');
  await virsh(lab, 'undefine', 'bare');
  await rm(folder, { recursive: true });
});

it('three sequences of ten random plans, taken back from the last to the first, leave definition and live values as they were', async () => {
  const counts: number[] = [];
  await fc.assert(fc.asyncProperty(attempts(['bare'], 10, 'table'), async (sequence) => void counts.push(await undoAll(sequence, place))), { numRuns: 3, endOnFailure: true, seed: 1 });
  expect(Math.min(...counts)).toBeGreaterThan(2);
}, 240_000);
