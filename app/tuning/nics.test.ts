// NICs that come, go, move and change their address, and what speaks against them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import fixture from '../xml/fixtures/network-cards.xml?raw';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { checkSetting, knobs } from './knobs.ts';
import { freshMac, type Nic } from './nic.ts';
import { makePlan } from './plan.ts';

const facts: Facts = {
  ...unknownFacts('cards'),
  hostNetwork: {
    networks: [{ name: 'default', active: true, inbound: null, portgroups: ['trusted'] }, { name: 'shared', active: true, inbound: 125_000, portgroups: [] }, { name: 'lab', active: false, inbound: null, portgroups: [] }],
    filters: ['clean-traffic'], macs: { '52:54:00:99:99:99': 'web-01' },
  },
};
const saved = DomainXml.parse(fixture);
const live = DomainXml.parse(fixture.replace('<domain ', "<domain id='7' "));
const had = knobs.nics.read(saved, facts)[''] ?? [];
const [network, bridge, direct, vhostuser, hostdev, passt] = had;
const fresh: Nic = { mac: null, kind: 'network', source: 'default', mode: null, portgroup: null, backend: null, model: 'virtio', address: null };
const written = (value: readonly Nic[], to = saved): DomainXml => {
  const copy = to.clone();
  knobs.nics.write(copy, '', value);
  return copy;
};
const read = (xml: DomainXml): readonly Nic[] => knobs.nics.read(xml, facts)[''] ?? [];
const given = (...values: readonly (Nic | undefined)[]): readonly Nic[] => values.filter((value) => value !== undefined);

describe('a list of NICs', () => {
  it('is read with what each is connected to', () => {
    expect(had.map(({ kind, source, mode, portgroup, backend, model, address }) => [kind, source, mode, portgroup, backend, model, address])).toEqual([
      ['network', 'default', null, 'trusted', null, 'virtio', 'pci 0000:01:00.0'], ['bridge', 'ovsbr0', null, null, null, 'e1000e', 'pci 0000:02:00.0'], ['direct', 'eth0', 'vepa', null, null, 'virtio', 'pci 0000:03:00.0'],
      ['vhostuser', null, null, null, null, 'virtio', null], ['hostdev', null, null, null, null, null, 'pci 0000:04:00.0'], ['user', 'eth1', null, null, 'passt', 'virtio', null],
    ]);
  });

  it('names the network of a running NIC by what was asked for, not by what libvirt made of it', () => {
    const running = DomainXml.parse("<domain id='1'><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/><source network='default' portid='x' bridge='virbr0'/></interface></devices></domain>");
    expect(read(running)).toMatchObject([{ kind: 'network', source: 'default' }]);
  });

  it('gives one without an address its own, the same for the running guest and its definition', () => {
    const [one, other] = [written([...had, fresh, fresh]), written([...had, fresh, fresh], live)].map((xml) => read(xml).slice(-2).map(({ mac }) => mac));
    expect(one).toEqual(other);
    expect(new Set(one).size).toBe(2);
    expect(one?.[0]).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  });

  it('never gives an address that is taken', () => {
    fc.assert(fc.property(fc.uuid(), fc.integer({ min: 1, max: 40 }), (uuid, count) => {
      const xml = DomainXml.parse(`<domain><uuid>${uuid}</uuid></domain>`);
      const taken = new Set<string>();
      for (let number = 0; number < count; number += 1) taken.add(freshMac(xml, taken));
      return taken.size === count;
    }), { numRuns: 50 });
  });

  it('brings one that was taken out of the middle back to its place', () => {
    const without = written(given(network, direct, vhostuser, hostdev, passt));
    expect(read(without).map(({ kind }) => kind)).toEqual(['network', 'direct', 'vhostuser', 'hostdev', 'user']);
    expect(read(written(had, without))).toEqual(had);
  });

  it('keeps all else of a NIC whose saved address changes', () => {
    const changed = written(had.map((one) => (one === network ? { ...one, mac: '52:54:00:4a:00:99' } : one)));
    expect(changed.text()).toBe(fixture.replace('52:54:00:4a:00:01', '52:54:00:4a:00:99'));
  });

  it('takes the source along when a NIC is connected elsewhere, and only that', () => {
    const moved = written(had.map((one) => (one === hostdev ? { ...one, kind: 'bridge', source: 'br0' } : one)));
    const nic = moved.elements('devices', 'interface')[4];
    expect([nic?.attribute('type'), nic?.element('source')?.toString(), nic?.element('vlan', 'tag')?.attribute('id')]).toEqual(['bridge', "<source bridge='br0'/>", '7']);
  });

  it('is the same to libvirt whatever the order, and whatever it found an address for', () => {
    expect(knobs.nics.alike?.(given(network, bridge), given(bridge, network))).toBe(true);
    expect(knobs.nics.alike?.([fresh], [{ ...fresh, mac: '52:54:00:00:00:01', address: 'pci 0000:05:00.0' }])).toBe(true);
    expect(knobs.nics.alike?.([fresh], [{ ...fresh, model: 'e1000' }])).toBe(false);
    expect(knobs.nics.alike?.([fresh, fresh], [fresh])).toBe(false);
  });
});

describe('the plan of a running guest', () => {
  const plan = (value: readonly Nic[]) => makePlan({ live, saved }, { live: { nics: { '': value } } }, facts);
  it('plugs what is new and unplugs what is gone', () => {
    expect(plan([...given(network, bridge, direct, vhostuser, hostdev), { ...fresh, mac: '52:54:00:4a:00:07' }]).steps.map(({ title, scope }) => [title, scope])).toEqual([
      ['Take away NIC 52:54:00:4a:00:06 of passt, virtio', 'live'], ['Plug NIC 52:54:00:4a:00:07 on network default, virtio', 'live'],
    ]);
  });
  it('moves a NIC between networks and bridges, with all that it is', () => {
    const { steps } = plan(had.map((one) => (one === network ? { ...one, source: 'shared', portgroup: null } : one)));
    expect(steps.map(({ title }) => title)).toEqual(['Change NIC 52:54:00:4a:00:01 on network shared, virtio']);
    expect(steps[0]?.virsh).toMatch(/<source network='\\''shared'\\''\/>.*<filterref filter='\\''clean-traffic'\\''>.*update-device cards/);
  });
  it.each([
    ['a model', { model: 'e1000' }], ['a kind that no running NIC can become', { kind: 'direct', source: 'eth0', mode: 'vepa', portgroup: null }],
  ])('refuses %s', (_, change) => {
    expect(plan(had.map((one) => (one === network ? { ...one, ...change } : one))).findings.map(({ message }) => message)).toContain('This cannot be changed while the guest runs.');
  });
});

describe('a NIC', () => {
  const found = (one: Nic, truth: 'live' | 'saved' = 'saved'): readonly string[] => checkSetting('nics', '', truth, [one], facts, saved).map(({ level, message, field }) => `${level} ${field ?? ''}: ${message}`);
  it('that stands to reason meets no objection', () => expect(found({ ...fresh, mac: '52:54:00:00:00:01' })).toEqual([]));
  it.each([
    [{ mac: '52:54:00' }, /is a MAC address such as/], [{ mac: '01:00:5e:00:00:01' }, /^error 0.mac: The first pair of digits is odd/], [{ mac: '00:00:00:00:00:00' }, /^error 0.mac: An address of nothing/],
    [{ mac: '52:54:00:99:99:99' }, /^warning 0.mac: web-01 has a NIC with this address too/], [{ source: null }, /^error 0.source: A NIC of kind network needs the name/],
    [{ source: 'nowhere' }, /^warning 0.source: The host has no network nowhere; it has default, shared, lab/], [{ source: 'lab' }, /^warning 0.source: The network lab is not active/],
    [{ portgroup: 'x' }, /^warning 0.portgroup: The network default has no port group x/], [{ kind: 'vdpa', source: 'vdpa0' }, /^error 0.source: A vDPA device is given by its path/],
    [{ kind: 'user' }, /^error 0.source: User networking goes by a device of its own only with passt/], [{ kind: 'ethernet' }, /^error 0.source: A NIC of kind ethernet has no name/],
    [{ mode: 'vepa' }, /^error 0.mode: Only NICs of kind direct/], [{ kind: 'bridge', portgroup: 'x' }, /^error 0.portgroup: Only networks/], [{ backend: 'passt' }, /^error 0.backend: Only user networking/],
  ])('with %j is told so', (change, message) => expect(found({ ...fresh, ...change }).join('\n')).toMatch(message));
  it('that is plugged in keeps its model, and moves between networks and bridges only', () => {
    const running = { ...facts, pluggedNics: had };
    const against = (one: Nic | undefined, change: Partial<Nic>): readonly string[] => checkSetting('nics', '', 'live', one === undefined ? [] : [{ ...one, ...change }], running, live).map(({ message, field }) => `${field ?? ''}: ${message}`);
    expect(against(network, { source: 'shared', portgroup: null })).toEqual([]);
    expect(against(network, { model: 'e1000' }).join()).toMatch(/^0.model: A NIC that is plugged in keeps its model/);
    expect(against(direct, { kind: 'bridge', source: 'br0', mode: null }).join()).toMatch(/^0.kind: While the guest runs, .* of kind direct/);
    expect(against(network, { kind: 'user', source: null, portgroup: null }).join()).toMatch(/^0.kind: While the guest runs/);
  });
  it('cannot be plugged into a network that is not there', () => expect(found({ ...fresh, source: 'nowhere' }, 'live').join()).toMatch(/^error 0.source/));
});
