// Wishes: which stay, which came true, which fell away.
import { describe, expect, it } from 'vitest';
import { unknownFacts } from '../../app/tuning/knob.ts';
import { DomainXml } from '../../app/xml/domain-xml.ts';
import { type KnobName, knobNames, knobs, readSettings, type Settings, settingOf, type Wanted } from '../../app/tuning/knobs.ts';
import { makePlan } from '../../app/tuning/plan.ts';
import { isEmpty, openWishes, telling, unfulfilled, withAll, withDefinition, withEdits, withoutEdit } from './edits.ts';

const bare = readSettings(DomainXml.parse('<domain><vcpu>2</vcpu></domain>'), unknownFacts('any'));
const settings = (pin: string | null): Settings => ({ ...bare, vcpuPinning: { 0: pin, 1: null } });

const disk = "<disk type='file' device='disk'><source file='/a.qcow2'/><target dev='vda' bus='virtio'/></disk>";
const drive = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>";
const guest = (devices: string): DomainXml => DomainXml.parse(`<domain type='kvm'><name>any</name><memory unit='KiB'>1048576</memory><vcpu>2</vcpu><devices>${devices}<interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface></devices></domain>`);
/** What is left of wishes for the saved definition. */
const left = (xml: DomainXml, wanted: Wanted): Wanted => {
  const facts = unknownFacts('any');
  const definitions = { live: null, saved: xml };
  return telling(wanted, { live: null, saved: readSettings(xml, facts), facts }, definitions, makePlan(definitions, wanted, facts));
};

describe('wishes', () => {
  it('gather, one over the other', () => {
    const wanted = withEdits(withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'live', 'vcpuPinning', { 1: '4' }), 'saved', 'cpuShares', { '': 200 });
    expect(wanted).toEqual({ live: { vcpuPinning: { 0: '3', 1: '4' } }, saved: { cpuShares: { '': 200 } } });
    expect(withEdits(wanted, 'live', 'vcpuPinning', { 0: '5' }).live?.vcpuPinning).toEqual({ 0: '5', 1: '4' });
  });

  it('are open only while the host has something else', () => {
    const wanted = withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'saved', 'vcpuPinning', { 0: '3' });
    expect(openWishes(wanted, { live: settings('3'), saved: settings(null) })).toEqual({ saved: { vcpuPinning: { 0: '3' } } });
    expect(isEmpty(openWishes(wanted, { live: settings('3'), saved: settings('3') }))).toBe(true);
  });

  it('that were applied are forgotten also where libvirt wrote out what was left to it, others are not', () => {
    const topology = { sockets: 1, dies: null, clusters: null, cores: 1, threads: 2 };
    const wanted = withEdits(withEdits({}, 'saved', 'cpuTopology', { '': topology }), 'saved', 'cpuShares', { '': 200 });
    const has = { live: null, saved: { ...bare, cpuTopology: { '': { ...topology, dies: 1 } } } };
    expect(unfulfilled(wanted, wanted, has)).toEqual({ saved: { cpuShares: { '': 200 } } });
    expect(unfulfilled(wanted, { saved: { cpuShares: { '': 200 } } }, has)).toEqual(wanted);
  });

  it('fall away with the vCPU or the truth they were for', () => {
    const wanted = withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'saved', 'vcpuPinning', { 9: '3' });
    expect(openWishes(wanted, { live: null, saved: settings(null) }, { live: null, saved: settings(null) })).toEqual({});
  });

  it('stay for a unit that only comes with another wish', () => {
    const wanted = withEdits({}, 'saved', 'vcpuPinning', { 9: '3' });
    expect(openWishes(wanted, { live: null, saved: bare }, { live: null, saved: { ...bare, vcpuPinning: { 9: '3' } } })).toEqual(wanted);
  });

  it('for a text of the saved definition stay beside others, until the host has it or it is written', () => {
    const definition = { from: 'before', to: 'after', validate: true };
    const wanted = withAll(withEdits({}, 'saved', 'cpuShares', { '': 200 }), { definition });
    const has = { live: null, saved: bare };
    expect([wanted.definition, isEmpty({ definition }), withoutEdit(wanted, 'cpuShares', '')]).toEqual([definition, false, { definition }]);
    expect([openWishes(wanted, { ...has, savedXml: 'before' }), openWishes(wanted, { ...has, savedXml: 'other' })]).toEqual([wanted, wanted]);
    expect(openWishes(wanted, { ...has, savedXml: 'after' })).toEqual({ saved: { cpuShares: { '': 200 } } });
    expect([unfulfilled(wanted, wanted, has), unfulfilled(wanted, wanted, has, true)]).toEqual([wanted, { saved: { cpuShares: { '': 200 } } }]);
    expect(unfulfilled(wanted, { definition: { ...definition, to: 'typed before' } }, has, true)).toEqual(wanted);
    expect(withDefinition(wanted, undefined)).toEqual({ saved: { cpuShares: { '': 200 } } });
  });

  it('are taken back one by one, in both truths', () => {
    const wanted = withEdits(withEdits(withEdits({}, 'live', 'vcpuPinning', { 0: '3' }), 'saved', 'vcpuPinning', { 0: '4' }), 'live', 'cpuShares', { '': 7 });
    expect(withoutEdit(wanted, 'vcpuPinning', '0')).toEqual({ live: { cpuShares: { '': 7 } } });
  });

  it('are forgotten once the host has them in its own words, so that none comes up again when it is taken back', () => {
    const sda = { target: 'sda', device: 'cdrom', source: null, format: null, bus: 'sata', readonly: false };
    const vda = { target: 'vda', device: 'disk', source: '/a.qcow2', format: null, bus: 'virtio', readonly: false };
    const wanted: Wanted = { saved: { diskList: { '': [vda, sda] }, blockWeight: { '': 100 } } };
    expect(left(guest(disk), wanted)).toEqual({ saved: { diskList: { '': [vda, sda] } } });
    expect(left(guest(`${disk}${drive}`), wanted)).toEqual({});
  });

  it('that are wrong stay to be mended, and so do those for what only comes with another', () => {
    const wanted: Wanted = { saved: { vcpus: { '': { current: 3, maximum: 2 } }, vcpuPinning: { 9: '3' } } };
    expect(left(guest(disk), wanted)).toEqual(wanted);
  });

  it.each(knobNames.filter((name) => knobs[name].control(unknownFacts('any')).kind === 'list'))('for one more item of %s stay while it is filled in', (name: KnobName) => {
    const control = knobs[name].control(unknownFacts('any'));
    const xml = guest(disk);
    const [unit = '', has] = Object.entries(readSettings(xml, unknownFacts('any'))[name])[0] ?? [];
    const more = settingOf(name, [...(Array.isArray(has) ? has : []), control.kind === 'list' ? control.fresh : null]);
    if (more === null) throw new Error(`a fresh item of ${name} is no value`);
    const wanted = withEdits({}, 'saved', name, { [unit]: more.value });
    expect(left(xml, wanted)).toEqual(wanted);
  });
});
