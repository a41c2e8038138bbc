// Limits that several disks share by name, and the groups that a disk's I/O passes one after the other:
// <throttlegroups> and <throttlefilters>, https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { type DiskLimits, diskLimits, noLimits, readTune, writeTune } from './disk-limits.ts';
import { limitFields, limitFindings, sayLimits } from './disk-throttling.ts';
import { childOf, deviceOf, diskError, disksOf, diskUnit } from './disks.ts';
import { guestKind } from './guest-kind.ts';
import { type Facts, type Fields, type Finding, itemField, type Knob, wholeGuest } from './knob.ts';

/** libvirt 11.2. */
const since = 11_002_000;
/** Hosts whose libvirt is older have none, and show none. */
const isThere = (xml: DomainXml, { libvirtVersion }: Facts): boolean => guestKind(xml) === 'qemu' && (libvirtVersion === null || libvirtVersion >= since);

const path = ['throttlegroups', 'throttlegroup'] as const;
const { group_name: name, ...limits } = limitFields;
const fields: Fields = { ...(name !== undefined && { group_name: { ...name, label: 'Name', hint: 'By which disks name it.' } }), ...limits };

const groupsOf = (xml: DomainXml): readonly DiskLimits[] => xml.elements(...path).map(readTune);
const filtersOf = (disk: XmlElement): readonly string[] => disk.elements('throttlefilters', 'throttlefilter').flatMap((filter) => filter.attribute('group') ?? []);
const partsOf = (text: string): readonly string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');

export const throttleGroups: Knob<readonly DiskLimits[]> = {
  label: 'Throttle groups',
  panel: 'disks',
  card: 'Throttle groups',
  only: ['qemu'],
  control: () => ({
    kind: 'list', item: 'group', most: 64, fresh: { ...noLimits, group_name: 'group-1' }, fields,
    nowFixed: 'Changes at the next start.',
    hint: 'Limits with a name: disks that pass one group share it, and one disk may pass several.',
  }),
  unit: wholeGuest,
  value: z.array(diskLimits).max(64).readonly(),

  read: (xml, facts): Readonly<Record<string, readonly DiskLimits[]>> => (isThere(xml, facts) ? { '': groupsOf(xml) } : {}),
  write(xml, _unit, value) {
    const had = xml.elements(...path);
    for (const group of had) if (!value.some((one) => one.group_name === readTune(group).group_name)) group.parent?.remove(group);
    value.forEach((wanted, at) => {
      if (value.findIndex((one) => one.group_name === wanted.group_name) < at) return;
      writeTune(xml.elements(...path).find((group) => readTune(group).group_name === wanted.group_name) ?? xml.add(path, {}), wanted);
    });
    const list = xml.element('throttlegroups');
    if (list !== null && list.children.length === 0) list.parent?.remove(list);
  },

  check(value, _unit, _truth, _facts, after) {
    const names = value.map((one) => one.group_name);
    const left = [...disksOf(after)].flatMap(([disk, element]) => filtersOf(element).filter((group) => !names.includes(group)).map((group) => ({ disk, group })))[0];
    return [
      ...(left === undefined ? [] : [diskError(`Disk ${left.disk} passes group ${left.group}: take that from its filters first, or with this.`)]),
      ...value.flatMap((one, item): readonly Finding[] => [
        ...(one.group_name === null ? [diskError('A group needs a name.', itemField(item, 'group_name'))] : []),
        ...(one.group_name?.includes(',') === true ? [diskError('A name has no comma.', itemField(item, 'group_name'))] : []),
        ...(one.group_name !== null && names.indexOf(one.group_name) < item ? [diskError(`There is another group ${one.group_name}.`, itemField(item, 'group_name'))] : []),
        ...limitFindings(one).map(({ field, ...finding }) => ({ ...finding, ...(field !== undefined && { field: itemField(item, field) }) })),
      ]),
    ];
  },

  step: () => null,
  say: (value) => (value.length === 0 ? 'none' : value.map((one) => `${one.group_name ?? ''}: ${sayLimits({ ...one, group_name: null })}`).join('; ')),
  name: () => 'Throttle groups',
};

/** The names of groups in the order in which they are passed, `all, slow`; null = none. */
export const throttleFilters: Knob<string | null> = {
  label: 'Throttle filters',
  panel: 'disks',
  card: 'Throttle groups',
  only: ['qemu'],
  control: () => ({ kind: 'text', absent: 'none', example: 'all, slow', nowFixed: 'Changes at the next start.', hint: 'The throttle groups that its I/O passes, one after the other.' }),
  unit: diskUnit,
  value: z.string().max(4096).nullable(),

  read: (xml, facts): Readonly<Record<string, string | null>> => (isThere(xml, facts) ? Object.fromEntries([...disksOf(xml)].map(([unit, disk]) => [unit, filtersOf(disk).join(', ') || null])) : {}),
  write(xml, unit, value) {
    const disk = disksOf(xml).get(unit);
    const wanted = partsOf(value ?? '');
    if (disk === undefined || filtersOf(disk).join() === wanted.join()) return;
    const old = disk.element('throttlefilters');
    if (wanted.length === 0) {
      if (old !== null) disk.remove(old);
      return;
    }
    const list = old ?? childOf(disk, 'throttlefilters');
    for (const filter of list.elements('throttlefilter')) list.remove(filter);
    for (const group of wanted) list.add('throttlefilter', {}, { group });
  },

  check(value, unit, _truth, _facts, after) {
    const disk = disksOf(after).get(unit);
    const wanted = partsOf(value ?? '');
    if (wanted.length === 0) return [];
    const known = groupsOf(after).map((one) => one.group_name);
    const unknown = wanted.find((group) => !known.includes(group));
    return [
      ...(unknown === undefined ? [] : [diskError(`The guest has no throttle group ${unknown}: add it first, or with this.`)]),
      ...(new Set(wanted).size < wanted.length ? [diskError('A disk passes each group once.')] : []),
      ...(disk?.element('iotune') == null ? [] : [diskError('A disk has limits of its own, or passes groups, not both.')]),
      ...(disk !== undefined && deviceOf(disk) !== 'disk' && deviceOf(disk) !== 'lun' ? [diskError('Only disks pass throttle groups, no drives.')] : []),
    ];
  },

  step: () => null,
  say: (value) => value ?? 'none',
  name: (unit) => `Throttle filters of disk ${unit}`,
};
