// The same table of knobs against the demo host, in seconds.
import { describe, expect, it } from 'vitest';
import { rows, titleOf } from './knob-table.test-peer.ts';
import { connectedMain, connectionOf } from './demo-main.test-peer.ts';
import { guestNames } from './knob-row.test-peer.ts';
import { startGuests } from './knobs-demo.test-peer.ts';
import { type Place, prove } from './knobs.test-peer.ts';

const demoPlace = async (): Promise<Place> => {
  const { ask } = await connectedMain();
  const guests = await startGuests(await connectionOf(ask));
  await expect.poll(async () => (await ask('guests', 'list', { host: 'demo' })).filter(({ name }) => guestNames.some((one) => one === name)).map(({ state }) => state)).toEqual(guestNames.map(() => 'running'));
  return { name: 'demo', ask, host: 'demo', ...guests };
};

describe('on the demo host', () => {
  it.each(rows.filter(({ only }) => only !== 'lab').map((row) => [titleOf(row), row] as const))('%s is set and undone, or refused in words', async (_, row) => await prove(row, await demoPlace()));
});
