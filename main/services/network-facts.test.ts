// What is told of a host's networks and of where its guests' NICs are seen.
import { expect, it } from 'vitest';
import { connectedMain, uuidOf } from './demo-main.test-peer.ts';

const host = 'demo';

it('knobs know the networks, the filters and who else has which MAC address', async () => {
  const { ask } = await connectedMain();
  const [uuid, other] = [await uuidOf(ask, 'web-02'), await uuidOf(ask, 'web-01')];
  await ask('guests', 'badges', { host, uuids: [uuid, other] });
  const { facts } = await ask('tuning', 'read', { host, uuid });
  expect(facts.hostNetwork).toMatchObject({
    networks: [{ name: 'default', active: true, inbound: null, portgroups: [] }, { name: 'lab', active: false }, { name: 'shared', inbound: 125_000, portgroups: ['usual', 'quiet'] }],
    macs: { '52:54:00:6e:10:03': 'web-01' },
  });
  expect(facts.hostNetwork?.filters).toContain('clean-traffic');
  expect(facts.hostNetwork?.macs['52:54:00:6e:10:04'], 'its own').toBeUndefined();
  expect(facts.pluggedNics).toMatchObject([{ mac: '52:54:00:6e:10:04', kind: 'network', source: 'default' }]);
});

it('addresses of a running guest are told with who sees them', async () => {
  const { ask } = await connectedMain();
  expect(await ask('guests', 'addresses', { host, uuid: await uuidOf(ask, 'web-02') })).toEqual({
    silent: [],
    nics: [{
      mac: '52:54:00:6e:10:04', inside: 'enp1s0',
      seen: [{ by: 'lease', address: '192.168.122.6/24' }, { by: 'agent', address: '192.168.122.6/24' }, { by: 'agent', address: 'fe80::5054:ff:fe6e:1004/64' }, { by: 'arp', address: '192.168.122.6' }],
    }],
  });
});

it('addresses of a guest that is off are told by nobody, each with its reason', async () => {
  const { ask } = await connectedMain();
  const { nics, silent } = await ask('guests', 'addresses', { host, uuid: await uuidOf(ask, 'old-wiki') });
  expect([nics, silent.map(({ by }) => by).toSorted()]).toEqual([[], ['agent', 'arp', 'lease']]);
  expect(silent[0]?.why).toMatch(/domain is not running/);
});
