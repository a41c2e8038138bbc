// Machine type, SMBIOS and security labels: what is told of the host, what is said against values, and what a running guest shows.
import { describe, expect, it } from 'vitest';
import running from '../xml/fixtures/live.xml?raw';
import appliance from '../xml/fixtures/sysinfo.xml?raw';
import { DomainXml } from '../xml/domain-xml.ts';
import { hostKinds } from '../xml/host-kinds.ts';
import { type Facts, unknownFacts } from './knob.ts';
import { checkSetting, type KnobName, knobs, readSettings } from './knobs.ts';
import { pendingUnits } from './pending.ts';
import { alike } from './alike.ts';
import { makePlan } from './plan.ts';

const kinds = hostKinds(`<capabilities><host><secmodel><model>none</model></secmodel><secmodel><model>dac</model></secmodel></host>
  <guest><os_type>xen</os_type><arch name='x86_64'><machine>xenpv</machine><domain type='xen'/></arch></guest>
  <guest><os_type>hvm</os_type><arch name='x86_64'>
    <machine maxCpus='255'>pc-i440fx-7.0</machine><machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine><machine maxCpus='255'>pc-i440fx-7.2</machine>
    <machine maxCpus='1'>isapc</machine><machine maxCpus='255' deprecated='yes'>pc-i440fx-2.12</machine><machine maxCpus='288'>pc-q35-7.2</machine>
    <domain type='qemu'/><domain type='kvm'><machine maxCpus='64'>pc-q35-8.0</machine></domain>
  </arch></guest></capabilities>`);
const facts: Facts = { ...unknownFacts('appliance'), machine: 'pc-i440fx-7.2', machines: kinds.machines.get('x86_64 qemu') ?? null, securityModels: kinds.securityModels };
const saved = DomainXml.parse(appliance);
const found = (knob: KnobName, value: unknown, xml = saved): string => checkSetting(knob, '', 'saved', value, facts, xml).map(({ level, message, field }) => `${level} ${field ?? ''}: ${message}`).join('\n');

describe('the kinds of machine of a host', () => {
  it('are told by architecture and domain, the newest first, under the names that definitions keep', () => {
    expect(facts.machines?.map(({ name, alias, deprecated, maxCpus }) => [name, alias, deprecated, maxCpus])).toEqual([
      ['pc-q35-7.2', null, false, 288], ['pc-i440fx-7.2', 'pc', false, 255], ['pc-i440fx-7.0', null, false, 255], ['pc-i440fx-2.12', null, true, 255], ['isapc', null, false, 1],
    ]);
    expect([kinds.machines.get('x86_64 kvm')?.map(({ name }) => name), kinds.machines.get('aarch64 kvm'), kinds.securityModels]).toEqual([['pc-q35-8.0'], undefined, ['dac']]);
  });

  it.each([
    ['pc-i440fx-7.2', /^$/], ['pc', /^$/], ['pc-i440fx-7.0', /^warning : The system inside finds other hardware.* snapshots .* migrates only to hosts/], ['pc-i440fx-2.12', /^warning : QEMU will drop/m], ['pc-i440fx-47', /^error : The host has no machine type pc-i440fx-47/], ['pc-q35-7.2', /^error : The addresses and controllers of this guest are those of i440fx: q35/],
  ])('as %s are told so', (value, message) => expect(found('machine', value)).toMatch(message));

  it('are the same under the short name that libvirt writes out', () => {
    expect([alike('machine', 'q35', 'pc-q35-7.2'), alike('machine', 'pc-i440fx-7.2', 'pc'), alike('machine', 'virt', 'virt-8.0'), alike('machine', 'pc-q35-7.0', 'pc-q35-7.2'), alike('machine', 'pc', 'pc-q35-7.2')]).toEqual([true, true, true, false, false]);
  });

  it('have room for so many vCPUs', () => expect(found('machine', 'isapc', DomainXml.parse(appliance.replace('>1</vcpu>', '>4</vcpu>')))).toMatch(/at most 1 vCPUs, and the guest may have 4/));
});

describe('system information', () => {
  const had = readSettings(saved, facts).sysinfo[''] ?? [];

  it('is written where libvirt prints it, and what is not shown of it stays', () => {
    expect(had).toEqual([{ entry: 'bios vendor', text: 'ACME "Classic"' }]);
    const { savedAfter } = makePlan({ live: null, saved }, { saved: { sysinfo: { '': [...had, { entry: 'system serial', text: 'S' }, { entry: 'bios release', text: '1.2' }, { entry: 'system product', text: 'P' }] } } }, facts);
    expect(savedAfter).toBe(appliance.replace(/(ACME.*<\/entry>\n)( +<\/bios>\n)/, "$1      <entry name='release'>1.2</entry>\n$2    <system>\n      <entry name='product'>P</entry>\n      <entry name='serial'>S</entry>\n    </system>\n"));
  });

  it.each([
    ['sysinfo', [...had, ...had], /^error 1\.entry: There is an entry bios vendor already/], ['sysinfo', [{ entry: 'system uuid', text: 'x' }], /^error 0\.text: The UUID has to be the guest’s own/], ['sysinfo', [{ entry: 'bios release', text: 'x' }], /^error 0\.text: The release/],
    ['sysinfo', [{ entry: 'bios colour', text: 'x' }], /^error 0\.entry: There is no entry bios colour/], ['smbiosMode', 'x', /^error : There is no SMBIOS mode x/],
  ] as const)('%s %j is told so', (knob, value, message) => expect(found(knob, value)).toMatch(message));

  it('is the same in another order', () => expect(alike('sysinfo', [{ entry: 'bios vendor', text: 'a' }, { entry: 'bios version', text: 'b' }], [{ entry: 'bios version', text: 'b' }, { entry: 'bios vendor', text: 'a' }])).toBe(true));
});

describe('security labels', () => {
  const live = DomainXml.parse(running);
  const later = (labels: string): DomainXml => DomainXml.parse(running.replace(" id='42'", '').replace(/ {2}<seclabel[^]*<\/seclabel>\n/, labels));
  const pending = (labels: string): readonly string[] => pendingUnits(readSettings(live, facts), readSettings(later(labels), facts)).map(({ knob }) => knob).filter((knob) => knob === 'seclabels');

  it('of a running guest are told as it was given them, and wait for no restart', () => {
    expect(knobs.seclabels.say(readSettings(live, facts).seclabels[''] ?? [])).toBe('apparmor: dynamic, relabel yes, libvirt-4c9f; dac: dynamic, relabel yes, +64055:+64055');
    expect(alike('seclabels', readSettings(live, facts).seclabels[''], [{ model: 'apparmor', type: 'dynamic', relabel: 'yes', label: null, baselabel: null }, { model: 'dac', type: 'dynamic', relabel: 'yes', label: null, baselabel: null }])).toBe(true);
    expect([pending(''), pending("  <seclabel type='dynamic' model='dac' relabel='yes'/>\n"), pending("  <seclabel type='none' model='dac'/>\n")]).toEqual([[], [], ['seclabels']]);
  });

  const label = { model: 'dac', type: 'dynamic', relabel: null, label: null, baselabel: null };
  it.each([
    [[{ ...label, model: 'selinux' }], /^error 0\.model: The host has no security driver selinux; it has dac/], [[label, label], /^error 1\.model: There is one label/], [[{ ...label, label: 'x' }], /^error 0\.label: Only a static label/],
    [[{ ...label, type: 'none', relabel: 'yes' }], /^error 0\.relabel: Without a label/], [[{ ...label, type: 'static', label: 'x', baselabel: 'y' }], /^error 0\.baselabel: Only dynamic/], [[{ ...label, relabel: 'no' }], /^error 0\.relabel: Dynamic labels/], [[{ ...label, type: 'x' }], /^error 0\.type: There is no kind x/],
  ])('%j is told so', (value, message) => expect(found('seclabels', value)).toMatch(message));
});
