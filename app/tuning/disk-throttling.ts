// What a disk may do each second: sustained, in bursts, alone or together with others of its group. https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainSetBlockIoTune
import type { DomainXml } from '../xml/domain-xml.ts';
import { type Base, bases, burstOf, type DiskLimits, diskLimits, isAsLimited, kindOf, lengthOf, limited, limitNames, mostLimit, noLimits, readLimits, writeLimits } from './disk-limits.ts';
import { diskError, disksOf, diskUnit, diskWarning, readDisks } from './disks.ts';
import type { Fields, Finding, Knob, Unit } from './knob.ts';
import { printMeasure } from './measure.ts';
import type { Scope, Step } from './steps.ts';

/** What each limit is called. */
const words: Readonly<Record<Base, string>> = {
  total_bytes_sec: 'All bytes', read_bytes_sec: 'Bytes read', write_bytes_sec: 'Bytes written', total_iops_sec: 'All operations', read_iops_sec: 'Reads', write_iops_sec: 'Writes',
};
const measureOf = (base: Base): 'bytes/s' | 'per second' => (kindOf(base) === 'bytes_sec' ? 'bytes/s' : 'per second');

export const limitFields: Fields = {
  ...Object.fromEntries(bases.flatMap((base): readonly (readonly [string, Fields[string]])[] => [
    [base, { kind: 'number', label: words[base], least: 1, most: mostLimit, measure: measureOf(base), absent: 'no limit' }],
    [burstOf(base), { kind: 'number', label: `${words[base]}, burst`, least: 1, most: mostLimit, measure: measureOf(base), absent: 'no burst', hint: 'What it may do after a while of doing less than its limit.' }],
    [lengthOf(base), { kind: 'number', label: `${words[base]}, burst length`, least: 1, most: mostLimit, measure: 'seconds', absent: '1 s', hint: 'How long the burst may last.' }],
  ])),
  size_iops_sec: { kind: 'number', label: 'Operation size', least: 1, most: mostLimit, measure: 'bytes', absent: 'any size is one', hint: 'A larger operation counts as several of this size.' },
  group_name: { kind: 'text', label: 'Group', absent: 'no group', example: 'backup', hint: 'Disks of this guest in one group have its limits together, not each.' },
};

/** The other disks of a group, with their limits. */
const othersOf = (xml: DomainXml, unit: Unit, group: string | null): readonly (readonly [Unit, DiskLimits])[] =>
  group === null ? [] : [...disksOf(xml)].flatMap(([other, disk]) => {
    const limits = readLimits(disk);
    return other !== unit && limits.group_name === group ? [[other, limits] as const] : [];
  });

/** null = not limited; a burst without a length lasts a second. */
export const diskThrottling: Knob<DiskLimits> = {
  label: 'Limits',
  panel: 'disks',
  card: 'Limits',
  only: ['qemu'],
  control: () => ({ kind: 'fields', hint: 'QEMU makes the guest wait where it would pass a limit. All of them are set together.', fields: limitFields }),
  unit: diskUnit,
  value: diskLimits,

  read: (xml) => readDisks(xml, readLimits),
  write(xml, unit, value) {
    const disk = disksOf(xml).get(unit);
    if (disk !== undefined) writeLimits(disk, value);
  },
  // QEMU keeps one set of limits for a group, whichever of its disks they were set on.
  entails: (unit, value, xml) => Object.fromEntries(othersOf(xml, unit, value.group_name).map(([other]) => [other, value])),

  check(value, unit, _truth, _facts, after) {
    const others = othersOf(after, unit, value.group_name);
    const other = others.find(([, limits]) => !isAsLimited(limits, value));
    return [
      ...limitFindings(value),
      ...(value.group_name !== null && bases.every((base) => value[base] === null) ? [diskError('A group needs a limit: it has none of its own.', 'group_name')] : []),
      ...(other !== undefined ? [diskError(`Disks of one group have the same limits, and ${other[0]} is to have others: change one of them alone, or give it another group.`)]
        : others.length > 0 ? [diskWarning(`The group ${value.group_name} has ${others.map(([name]) => name).join(', ')} too: what is set here is set there, and they share it.`)] : []),
    ];
  },

  step(unit, value, scope, _facts, xml) {
    const disk = disksOf(xml).get(unit);
    const has = disk === undefined ? noLimits : readLimits(disk);
    const leavesGroup = has.group_name !== null && value.group_name === null;
    // Saved by the call, a length that goes leaves a length of one second, and a group is never left.
    const leavesRest = leavesGroup || bases.some((base) => has[lengthOf(base)] !== null && value[lengthOf(base)] === null);
    if (scope === 'saved' && leavesRest) return null;
    if (scope === 'both' && (leavesRest || disk === undefined)) return null;
    const set = setting(unit, value, scope);
    return scope === 'live' && leavesGroup && !isAsLimited(value, noLimits) ? [setting(unit, noLimits, scope), set] : set;
  },

  about(unit, xml) {
    const disk = disksOf(xml).get(unit);
    const others = disk === undefined ? [] : othersOf(xml, unit, readLimits(disk).group_name);
    return others.length === 0 ? null : `shared with ${others.map(([name]) => name).join(', ')}`;
  },
  say: (value) => sayLimits(value),
  name: (unit) => `Limits of disk ${unit}`,
};

/** Limits in words. */
export const sayLimits = (value: DiskLimits): string => {
  const limits = bases.flatMap((base) => {
    const [most, burst, length] = [value[base], value[burstOf(base)], value[lengthOf(base)]];
    const say = (one: number): string => printMeasure(one, measureOf(base));
    const peak = burst === null ? '' : `, bursts of ${say(burst)}${length === null ? '' : ` for ${length} s`}`;
    return most === null && burst === null ? [] : [`${words[base].toLowerCase()} ${most === null ? 'without limit' : say(most)}${peak}`];
  });
  const rest = [...(value.size_iops_sec === null ? [] : [`operations of ${printMeasure(value.size_iops_sec, 'bytes')}`]), ...(value.group_name === null ? [] : [`group ${value.group_name}`])];
  return limits.length + rest.length === 0 ? 'no limits' : [...limits, ...rest].join('; ');
};

/** What speaks against some limits, whatever they are of. */
export const limitFindings = (value: DiskLimits): readonly Finding[] => [
  ...limited.flatMap((kind) => totals(value, kind)),
  ...bases.flatMap((base) => bursts(value, base)),
  ...(value.size_iops_sec !== null && bases.every((base) => kindOf(base) === 'bytes_sec' || value[base] === null) ? [diskError('A size of operations needs a limit of operations.', 'size_iops_sec')] : []),
];

const setting = (disk: Unit, { group_name: group, ...limits }: DiskLimits, scope: Scope): Step =>
  ({ kind: 'setBlockIoTune', disk, limits: Object.fromEntries(limitNames.map((name) => [name, limits[name] ?? 0])), group, scope });

/** A limit of all takes the place of those of reads and writes, for what lasts and for bursts. */
const totals = (value: DiskLimits, kind: (typeof limited)[number]): readonly Finding[] =>
  [kind, `${kind}_max` as const].flatMap((name) => {
    const parts = (['read', 'write'] as const).map((way) => `${way}_${name}` as const).filter((part) => value[part] !== null);
    if (value[`total_${name}`] === null || parts.length === 0) return [];
    const message = 'All together is limited, or reads and writes each, not both.';
    return [`total_${name}`, ...parts].map((field) => diskError(message, field));
  });

const bursts = (value: DiskLimits, base: Base): readonly Finding[] => {
  const [most, burst, length] = [value[base], value[burstOf(base)], value[lengthOf(base)]];
  if (length !== null && burst === null) return [diskError(`A length needs a burst: ${words[base].toLowerCase()} have none.`, lengthOf(base))];
  if (burst === null) return [];
  if (most === null) return [diskError('A burst needs a limit to return to.', burstOf(base))];
  if (burst < most) return [diskError(`A burst cannot be less than its limit, ${printMeasure(most, measureOf(base))}.`, burstOf(base))];
  return burst * (length ?? 1) > mostLimit ? [diskError('This burst is too much for so long: QEMU counts to 10^15 in all.', lengthOf(base))] : [];
};
