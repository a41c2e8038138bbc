// Undo of any sequence of plans leads back to the start, on the demo host.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connectedMain, connectionOf } from './demo-main.test-peer.ts';
import { guestNames } from './knob-row.test-peer.ts';
import { startGuests } from './knobs-demo.test-peer.ts';
import type { Place } from './knobs.test-peer.ts';
import { attempts, undoAll } from './undo-sequences.test-peer.ts';

// Always the same few, as a check of what was changed; others, and hundreds in minutes, by `GUESTDECK_SEQUENCES=200`.
const asked = process.env['GUESTDECK_SEQUENCES'];
const sequences = Number(asked ?? 5);

it(`${sequences} sequences of twenty random plans, taken back from the last to the first, leave definitions and live values as they were`, async () => {
  const { ask, main } = await connectedMain();
  const place: Place = { name: 'demo', ask, host: 'demo', ...(await startGuests(await connectionOf(ask))) };
  await expect.poll(async () => (await ask('guests', 'list', { host: 'demo' })).filter(({ name, state }) => guestNames.some((one) => one === name) && state === 'running').length).toBe(guestNames.length);
  const counts: number[] = [];
  // Each begins where the one before came back to.
  await fc.assert(fc.asyncProperty(attempts(), async (sequence) => void counts.push(await undoAll(sequence, place))), { numRuns: sequences, endOnFailure: true, ...(asked === undefined && { seed: 1 }) });
  // Those that are refused prove nothing.
  expect(Math.min(...counts)).toBeGreaterThan(5);
  await main.close();
}, 60_000 + sequences * 15_000);
