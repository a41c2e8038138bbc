// The table of knobs against the lab's real libvirtd, with virsh as witness.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startGuest, stopGuest } from '../../e2e/lab/guests.ts';
import { virsh } from '../../e2e/lab/witness.ts';
import { rows, titleOf } from './knob-table.test-peer.ts';
import { type Place, prove } from './knobs.test-peer.ts';
import { labMain, type LabMain, removeBare, startBare } from '../../e2e/lab/lab-main.ts';

/** Guests of the lab with a system inside. */
const systems = ['lab-one', 'lab-two'] as const;

let started: LabMain;
let place: Place;

beforeAll(async () => {
  started = await labMain(async (lab, folder) => {
    await startBare(lab, folder);
    await Promise.all(systems.filter((name) => rows.some(({ guest, truths }) => guest === name && truths.includes('live'))).map(async (name) => {
      await stopGuest(lab, name);
      await startGuest(lab, name);
    }));
  });
  place = { ...started, name: 'lab', look: async (guest, [command = '', ...rest]) => await virsh(started.lab, command, guest, ...rest) };
});
afterAll(async () => {
  await started.close();
  await removeBare(started.lab);
  await Promise.all(systems.map(async (name) => await stopGuest(started.lab, name)));
});

describe('on a real libvirtd, as virsh sees it,', () => {
  it.each(rows.filter(({ only }) => only !== 'demo').map((row) => [titleOf(row), row] as const))('%s is set and undone, or refused in words', async (_, row) => await prove(row, place));
});
