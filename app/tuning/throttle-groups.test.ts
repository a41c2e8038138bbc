// Limits with a name, and the disks that pass them: read and written as libvirt does, and what does not go together.
import { describe, expect, it } from 'vitest';
import { DomainXml } from '../xml/domain-xml.ts';
import { noLimits } from './disk-limits.ts';
import { unknownFacts } from './knob.ts';
import { throttleFilters, throttleGroups } from './throttle-groups.ts';

const facts = { ...unknownFacts('any'), libvirtVersion: 11_002_000 };
const groups = '<throttlegroups>\n    <throttlegroup>\n      <total_bytes_sec>1000</total_bytes_sec>\n      <group_name>slow</group_name>\n    </throttlegroup>\n  </throttlegroups>\n  ';
const filters = "\n      <throttlefilters>\n        <throttlefilter group='slow'/>\n      </throttlefilters>";
const of = (named = '', passed = '', device = 'disk'): DomainXml => DomainXml.parse(`<domain type='kvm'>\n  ${named}<devices>\n    <disk type='file' device='${device}'>\n      <target dev='vda' bus='virtio'/>${passed}\n    </disk>\n  </devices>\n</domain>\n`);
const slow = { ...noLimits, group_name: 'slow', total_bytes_sec: 1000 };
const words = (findings: readonly { readonly field?: string; readonly message: string }[]) => findings.map(({ field, message }) => `${field ?? ''}: ${message}`);

describe('throttle groups', () => {
  it('are read with the disks that pass them, where the host’s libvirt has them', () => {
    expect([throttleGroups.read(of(groups, filters), facts), throttleFilters.read(of(groups, filters), facts)]).toEqual([{ '': [slow] }, { vda: 'slow' }]);
    const older = { ...facts, libvirtVersion: 11_001_000 };
    expect([throttleGroups.read(of(), older), throttleFilters.read(of(), older)]).toEqual([{}, {}]);
  });

  it('are written as libvirt prints them, and leave nothing behind when they go', () => {
    const xml = of();
    throttleGroups.write(xml, '', [slow]);
    throttleFilters.write(xml, 'vda', 'slow');
    expect(xml.text()).toBe(of(groups, filters).text());
    throttleFilters.write(xml, 'vda', null);
    throttleGroups.write(xml, '', []);
    expect(xml.text()).toBe(of().text());
  });

  it('need a name of their own, keep to the rules of limits, and stay while a disk passes them', () => {
    const check = (value: Parameters<typeof throttleGroups.check>[0], xml = of()) => words(throttleGroups.check(value, '', 'saved', facts, xml));
    expect(check([slow])).toEqual([]);
    expect(check([slow, { ...noLimits, group_name: 'slow', read_iops_sec_max: 5 }, noLimits])).toEqual(['1.group_name: There is another group slow.', '1.read_iops_sec_max: A burst needs a limit to return to.', '2.group_name: A group needs a name.']);
    expect(check([], of(groups, filters))).toEqual([': Disk vda passes group slow: take that from its filters first, or with this.']);
  });

  it('are passed by disks that name them, have no limits of their own, and are no drives', () => {
    const check = (value: string, xml: DomainXml) => words(throttleFilters.check(value, 'vda', 'saved', facts, xml));
    expect(check('slow', of(groups))).toEqual([]);
    expect(check('slow, slow, fast', of(groups))).toEqual([': The guest has no throttle group fast: add it first, or with this.', ': A disk passes each group once.']);
    expect(check('slow', of(groups, '\n      <iotune><total_bytes_sec>5</total_bytes_sec></iotune>'))).toEqual([': A disk has limits of its own, or passes groups, not both.']);
    expect(check('slow', of(groups, '', 'cdrom'))).toEqual([': Only disks pass throttle groups, no drives.']);
  });
});
