// Bandwidth, link, filter, VLAN and driver of single NICs: what is read, what is told to libvirt, and what is refused before it is asked.
import { describe, expect, it } from 'vitest';
import fixture from '../xml/fixtures/network-cards.xml?raw';
import { DomainXml } from '../xml/domain-xml.ts';
import { type Facts, type Truth, unknownFacts } from './knob.ts';
import { checkSetting, type KnobName, knobs } from './knobs.ts';
import { pendingUnits } from './pending.ts';
import { makePlan } from './plan.ts';
import { readSettings } from './knobs.ts';

const saved = DomainXml.parse(fixture);
const live = DomainXml.parse(fixture.replace('<domain ', "<domain id='7' "));
const facts: Facts = {
  ...unknownFacts('cards'),
  hostNetwork: { networks: [{ name: 'default', active: true, inbound: null, portgroups: [] }, { name: 'shared', active: true, inbound: 125_000, portgroups: [] }], filters: ['clean-traffic'], macs: {} },
};
const [onNetwork, onBridge, onDevice, ofHost, ofPasst] = ['01', '02', '03', '05', '06'].map((end) => `52:54:00:4a:00:${end}`) as [string, string, string, string, string];
const unlimited = { 'inbound.average': null, 'inbound.peak': null, 'inbound.burst': null, 'inbound.floor': null, 'outbound.average': null, 'outbound.peak': null, 'outbound.burst': null };
const found = (knob: KnobName, unit: string, value: unknown, truth: Truth = 'saved', xml = saved): string => checkSetting(knob, unit, truth, value, facts, xml).map(({ level, message, field }) => `${level} ${field ?? ''}: ${message}`).join('\n');

describe('bandwidth', () => {
  const had = knobs.nicBandwidth.read(saved, facts)[onNetwork] ?? unlimited;
  it('is read in libvirt’s own numbers, 0 as none', () => {
    expect(had).toEqual({ 'inbound.average': 12_500, 'inbound.peak': 25_000, 'inbound.burst': 2048, 'inbound.floor': 6250, 'outbound.average': 6250, 'outbound.peak': null, 'outbound.burst': null });
    const zero = DomainXml.parse("<domain><devices><interface type='network'><mac address='52:54:00:00:00:01'/><bandwidth><inbound average='0'/></bandwidth></interface></devices></domain>");
    expect(knobs.nicBandwidth.read(zero, facts)).toEqual({ '52:54:00:00:00:01': unlimited });
  });

  it('is told to libvirt by directions, each as a whole', () => {
    const { steps } = makePlan({ live, saved }, { live: { nicBandwidth: { [onNetwork]: { ...had, 'outbound.average': 3125 } } } }, unknownFacts('cards'));
    expect(steps.map(({ virsh }) => virsh)).toEqual([`virsh domiftune cards ${onNetwork} --outbound 3125,0,0 --live`]);
  });

  it('of both truths is told in both directions, since they may differ', () => {
    const wish = { nicBandwidth: { [onNetwork]: { ...had, 'outbound.average': 3125 } } };
    expect(makePlan({ live, saved }, { live: wish, saved: wish }, unknownFacts('cards')).steps.map(({ virsh }) => virsh)).toEqual([`virsh domiftune cards ${onNetwork} --inbound 12500,25000,2048,6250 --outbound 3125,0,0 --live --config`]);
  });

  it('is taken off a definition by a definition, which leaves no empty element', () => {
    const { steps, savedAfter } = makePlan({ live: null, saved }, { saved: { nicBandwidth: { [onNetwork]: unlimited } } }, facts);
    expect(steps.map(({ step }) => step.kind)).toEqual(['define']);
    expect(savedAfter).toBe(fixture.replace(/ {6}<bandwidth>[^]*?<\/bandwidth>\n/, ''));
  });

  it.each([
    [onNetwork, { 'inbound.peak': 5 }, /^error inbound.peak: A peak needs an average/], [onNetwork, { 'outbound.burst': 5 }, /^error outbound.burst: A burst needs an average/],
    [onNetwork, { 'inbound.average': 0 }, /^error inbound.average: A limit of nothing/], [onNetwork, { 'inbound.average': 5, 'inbound.peak': 4 }, /^error inbound.peak: The peak is below/],
    [onNetwork, { 'inbound.floor': 5 }, /^error inbound.floor: .*the network default has, and that has no inbound limit/], [onBridge, { 'inbound.floor': 5 }, /^error inbound.floor: .*this NIC is of kind bridge/],
    [ofPasst, { 'inbound.average': 5 }, /^error : libvirt cannot limit a NIC of kind user/], [ofHost, { 'inbound.average': 5 }, /^error : libvirt cannot limit a NIC of kind hostdev/],
  ])('of %s with %j is refused in words', (unit, change, message) => expect(found('nicBandwidth', unit, { ...unlimited, ...change })).toMatch(message));

  it('may have a floor on a network with a limit of its own', () => {
    const shared = DomainXml.parse(fixture.replace("network='default'", "network='shared'"));
    expect(found('nicBandwidth', onNetwork, { ...unlimited, 'inbound.floor': 5 }, 'saved', shared)).toBe('');
  });
});

describe('link and port', () => {
  it('that is up without a word is up with one', () => {
    const said = DomainXml.parse(fixture.replace("state='down'", "state='up'"));
    expect(knobs.nicLink.read(said, facts)[onNetwork]).toBeNull();
  });

  it('change on a running guest by its whole element', () => {
    const { steps } = makePlan({ live, saved }, { live: { nicLink: { [onNetwork]: null } } }, facts);
    expect(steps).toMatchObject([{ title: `Link of NIC ${onNetwork}: up`, scope: 'live', step: { kind: 'updateDevice' } }]);
    expect(steps[0]?.virsh).not.toContain('<link');
  });

  it('keep which tag of a trunk is native', () => {
    const copy = saved.clone();
    expect(knobs.nicPort.read(copy, facts)[onBridge]?.vlan).toBe('42:untagged, 47');
    knobs.nicPort.write(copy, onBridge, { filter: null, parameters: null, isolated: true, vlan: '42:untagged, 48', trunk: true });
    expect(copy.elements('devices', 'interface')[1]?.elements('vlan', 'tag').map((tag) => tag.toString())).toEqual(["<tag id='42' nativeMode='untagged'/>", "<tag id='48'/>"]);
  });

  const open = { filter: null, parameters: null, isolated: false, vlan: null, trunk: false };
  it.each([
    [onNetwork, { filter: 'x' }, /^error filter: The host has no network filter x/], [onNetwork, { parameters: 'IP=1.2.3.4' }, /^error parameters: Values are for a filter/],
    [onNetwork, { filter: 'clean-traffic', parameters: 'IP 1.2.3.4' }, /^error parameters: Values are written as NAME=value/], [onNetwork, { vlan: '4096' }, /^error vlan: VLAN tags are numbers/],
    [onNetwork, { vlan: '4, 4', trunk: true }, /^error vlan: A tag stands there twice/], [onNetwork, { vlan: '4, 5' }, /^error trunk: Several tags/], [onNetwork, { trunk: true }, /^error vlan: A trunk needs tags/],
    [ofPasst, { isolated: true }, /^error isolated: Only NICs at a bridge/], [ofPasst, { vlan: '4' }, /^error vlan: A NIC of kind user has no VLANs/],
  ])('of %s with %j is refused in words', (unit, change, message) => expect(found('nicPort', unit, { ...open, ...change })).toMatch(message));
});

describe('a driver', () => {
  const usual = { mtu: null, boot: null, name: null, queues: null, rx_queue_size: null, tx_queue_size: null, txmode: null, ioeventfd: null, event_idx: null };
  it.each([
    [onDevice, { queues: 5 }, /^warning queues: The guest has at most 4 vCPUs/], [onDevice, { queues: 257 }, /^error queues: There can be 1 to 256/], [onBridge, { queues: 2 }, /^error queues: Only virtio NICs have this setting, and this one is e1000e/],
    [onBridge, { mtu: 67 }, /^error mtu: MTUs go from 68/], [ofPasst, { mtu: 1400 }, /^error mtu: libvirt sets no MTU on a NIC of kind user/], [onDevice, { tx_queue_size: 300 }, /^error tx_queue_size: Rings have/],
    [onDevice, { boot: 1 }, /^error boot: Another device \(interface\) has place 1/], [onDevice, { boot: 0 }, /^error boot: The boot order begins with 1/],
  ])('of %s with %j is told so', (unit, change, message) => expect(found('nicDriver', unit, { ...usual, ...change })).toMatch(message));

  it('has no place to boot from where whole kinds of devices have', () => {
    const booted = DomainXml.parse(fixture.replace('</type>', "</type><boot dev='hd'/>"));
    expect(found('nicDriver', onDevice, { ...usual, boot: 2 }, 'saved', booted)).toMatch(/^error boot: The guest boots by kinds of devices/);
  });

  it('that shows the MTU of its network while it runs waits for no restart', () => {
    const running = DomainXml.parse(live.text().replace(/(4a:00:03'\/>[^]*?<model type='virtio'\/>)/, "$1<mtu size='1500'/>"));
    const pending = pendingUnits(readSettings(running, facts), readSettings(saved, facts));
    expect(pending).toEqual([]);
  });
});
