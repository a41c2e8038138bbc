// The limits of a host's virtual networks: as they run, as they are saved, and others saved for the next start.
import { expect, it } from 'vitest';
import type { Bandwidth } from '../../app/tuning/bandwidth.ts';
import { connectedMain } from './demo-main.test-peer.ts';

const host = 'demo';
const unlimited: Bandwidth = { 'inbound.average': null, 'inbound.peak': null, 'inbound.burst': null, 'inbound.floor': null, 'outbound.average': null, 'outbound.peak': null, 'outbound.burst': null };
const shared: Bandwidth = { ...unlimited, 'inbound.average': 125_000, 'inbound.peak': 250_000, 'inbound.burst': 65_536, 'outbound.average': 125_000 };

it('networks are told with their limits now and from the next start on', async () => {
  const { ask } = await connectedMain();
  expect(await ask('networks', 'list', { host })).toMatchObject([
    { name: 'default', live: unlimited, saved: unlimited, fixed: null },
    { name: 'lab', live: null, saved: unlimited, fixed: null },
    { name: 'shared', live: shared, saved: shared, fixed: null },
  ]);
});

it('a limit is saved for the next start and written down, and the running network keeps its own', async () => {
  const { ask } = await connectedMain();
  const uuid = (await ask('networks', 'list', { host }))?.find(({ name }) => name === 'shared')?.uuid ?? '';
  const to = { ...unlimited, 'inbound.average': 12_500 };
  expect(await ask('networks', 'limit', { host, uuid, from: shared, to })).toMatchObject({ name: 'shared', live: shared, saved: to });
  expect((await ask('networks', 'list', { host }))?.find(({ name }) => name === 'shared')).toMatchObject({ live: shared, saved: to });
  expect(await ask('history', 'list', { host, limit: 1 })).toMatchObject([{
    kind: 'action', guest: null, outcome: 'complete', title: 'Limit network shared from its next start on: inbound average 12.5 MB/s',
    steps: [{ scope: 'saved', outcome: 'done', virsh: "virsh net-edit shared # <bandwidth><inbound average='12500'/></bandwidth>" }],
  }]);
  expect(await ask('networks', 'limit', { host, uuid, from: to, to: unlimited })).toMatchObject({ saved: unlimited });
});

it('a limit is refused where others were saved meanwhile, and where it means nothing', async () => {
  const { ask } = await connectedMain();
  const uuid = (await ask('networks', 'list', { host }))?.find(({ name }) => name === 'shared')?.uuid ?? '';
  const limit = async (from: Bandwidth, to: Bandwidth) => await ask('networks', 'limit', { host, uuid, from, to }).then(() => 'done', (error: unknown) => (error instanceof Error ? error.message : ''));
  expect(await limit(unlimited, shared)).toMatch(/changed by someone else/);
  expect(await limit(shared, { ...unlimited, 'outbound.peak': 5 })).toBe('A peak needs an average that it rises above.');
  expect(await limit(shared, { ...shared, 'inbound.floor': 5 })).toBe('A network has no floor: that is a NIC’s.');
  expect(await ask('history', 'list', { host, limit: 1 })).toEqual([]);
});
