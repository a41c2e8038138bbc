// Undo of a sequence of plans leads back to the start, on the lab's real libvirtd.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Place } from './knobs.test-peer.ts';
import { labMain, type LabMain, removeBare, startBare } from '../../e2e/lab/lab-main.ts';
import { attempts, undoAll } from './undo-sequences.test-peer.ts';

let started: LabMain;
let place: Place;

beforeAll(async () => {
  started = await labMain(startBare);
  place = { ...started, name: 'lab', look: async () => null };
});
afterAll(async () => {
  await started.close();
  await removeBare(started.lab);
});

it('three sequences of ten random plans, taken back from the last to the first, leave definition and live values as they were', async () => {
  const counts: number[] = [];
  await fc.assert(fc.asyncProperty(attempts(['bare'], 10, 'table'), async (sequence) => void counts.push(await undoAll(sequence, place))), { numRuns: 3, endOnFailure: true, seed: 2 });
  expect(Math.min(...counts)).toBeGreaterThan(2);
}, 240_000);
