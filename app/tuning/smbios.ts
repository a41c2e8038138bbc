// What the guest's firmware tells of its maker, model and serial numbers: <sysinfo> and <os><smbios>, https://libvirt.org/formatdomain.html#smbios-system-information
import { z } from '../domain/schema.ts';
import type { DomainXml, XmlElement } from '../xml/domain-xml.ts';
import { type Finding, itemField, type Knob, wholeGuest } from './knob.ts';
import { same } from './same.ts';

/** Blocks in libvirt's order, with the entries of each in its order. */
const blocks: Readonly<Record<string, readonly string[]>> = {
  bios: ['vendor', 'version', 'date', 'release'],
  system: ['manufacturer', 'product', 'version', 'serial', 'uuid', 'sku', 'family'],
  baseBoard: ['manufacturer', 'product', 'version', 'serial', 'asset', 'location'],
  chassis: ['manufacturer', 'version', 'serial', 'asset', 'sku'],
};
const blockNames = Object.keys(blocks);
const known = Object.entries(blocks).flatMap(([block, names]) => names.map((name) => `${block} ${name}`));

const entry = z.strictObject({ entry: z.string().max(128).regex(/^(?:bios|system|baseBoard|chassis) \S+$/, 'is a block and an entry such as system serial'), text: z.string().min(1).max(1024) }).readonly();
type Entry = z.infer<typeof entry>;

const sysinfoOf = (xml: DomainXml): XmlElement | null => xml.elements('sysinfo').find((each) => each.attribute('type') === 'smbios') ?? null;
const partsOf = ({ entry: of }: Entry): readonly [block: string, name: string] => {
  const [block = '', name = ''] = of.split(' ');
  return [block, name];
};

/** Of several boards the first; what other blocks hold stays. */
const readEntries = (xml: DomainXml): readonly Entry[] => blockNames.flatMap((block) => (sysinfoOf(xml)?.element(block)?.elements('entry') ?? []).flatMap((each) => {
  const read = entry.safeParse({ entry: `${block} ${each.attribute('name') ?? ''}`, text: each.text });
  return read.success ? [read.data] : [];
}));

function writeEntry(xml: DomainXml, wanted: Entry): void {
  const [block, name] = partsOf(wanted);
  const sysinfo = sysinfoOf(xml) ?? xml.add(['sysinfo'], { type: 'smbios' });
  const holder = sysinfo.element(block) ?? sysinfo.add(block, { order: [...blockNames, 'oemStrings'] });
  const names = blocks[block] ?? [];
  const rank = (each: string): number => (names.includes(each) ? names.indexOf(each) : names.length);
  const next = holder.elements('entry').find((each) => rank(each.attribute('name') ?? '') > rank(name));
  holder.add('entry', next === undefined ? {} : { before: next }, { name }).setText(wanted.text);
}

/** What the firmware tells, where the mode says so. */
export const sysinfo: Knob<readonly Entry[]> = {
  label: 'System information',
  panel: 'devices',
  card: 'Machine',
  only: ['qemu'],
  control: () => ({
    kind: 'list',
    nowFixed: 'Changes at the next start.',
    item: 'entry',
    most: 32,
    fresh: { entry: 'system serial', text: 'ABC-123' },
    hint: 'What dmidecode and licences inside find. The guest is told of it in mode sysinfo.',
    fields: {
      entry: { kind: 'choice', label: 'Entry', absent: null, options: known.map((value) => ({ value, label: value })) },
      text: { kind: 'text', label: 'Value', absent: null, example: 'ABC-123' },
    },
  }),
  unit: wholeGuest,
  value: z.array(entry).max(32).readonly(),

  read: (xml) => ({ '': readEntries(xml) }),

  write(xml, _unit, value) {
    const left = [...value];
    for (const element of blockNames.flatMap((block) => sysinfoOf(xml)?.element(block)?.elements('entry') ?? [])) {
      const of = `${element.parent?.name ?? ''} ${element.attribute('name') ?? ''}`;
      const at = left.findIndex((each) => each.entry === of);
      const [wanted] = at < 0 ? [] : left.splice(at, 1);
      if (wanted === undefined) element.parent?.remove(element);
      else if (wanted.text !== element.text) element.setText(wanted.text);
    }
    for (const wanted of left) writeEntry(xml, wanted);
    const holder = sysinfoOf(xml);
    if (holder !== null && holder.children.length === 0) xml.root.remove(holder);
  },

  check: (value, _unit, _truth, _facts, after) => [
    ...value.flatMap((one, item) => entryFindings(one, item, value, after)),
    ...(value.length > 0 && modeOf(after) !== 'sysinfo' ? [{ level: 'warning' as const, message: 'The guest is not told of it: choose the SMBIOS mode sysinfo too.' }] : []),
  ],
  step: () => null,
  // libvirt has an order of its own.
  alike: (one, other) => {
    const sorted = (of: readonly Entry[]): readonly Entry[] => of.toSorted((first, second) => first.entry.localeCompare(second.entry));
    return same(sorted(one), sorted(other));
  },
  say: (value) => (value.length === 0 ? 'none' : value.map(({ entry: of, text }) => `${of} ${text}`).join(', ')),
  name: () => 'System information',
};

function entryFindings(one: Entry, item: number, all: readonly Entry[], after: DomainXml): readonly Finding[] {
  const refuse = (message: string, key: keyof Entry): Finding => ({ level: 'error', message, field: itemField(item, key) });
  const uuid = after.textOf('uuid');
  return [
    ...(known.includes(one.entry) ? [] : [refuse(`There is no entry ${one.entry}.`, 'entry')]),
    ...(all.findIndex((other) => other.entry === one.entry) < item ? [refuse(`There is an entry ${one.entry} already.`, 'entry')] : []),
    ...(one.entry === 'system uuid' && uuid !== null && one.text.toLowerCase() !== uuid ? [refuse(`The UUID has to be the guest’s own, ${uuid}.`, 'text')] : []),
    ...(one.entry === 'bios date' && !/^(?:0[1-9]|1[0-2])\/(?:0[1-9]|[12]\d|3[01])\/(?:\d{4}|\d{2})$/.test(one.text) ? [refuse('The date of a BIOS is written as 01/31/2026.', 'text')] : []),
    ...(one.entry === 'bios release' && !/^\d{1,3}\.\d{1,3}$/.test(one.text) ? [refuse('The release of a BIOS is two numbers, as 1.22.', 'text')] : []),
  ];
}

const modePath = ['os', 'smbios'] as const;
const modeOf = (xml: DomainXml): string | null => xml.element(...modePath)?.attribute('mode') ?? null;

/** null = QEMU's own words. */
export const smbiosMode: Knob<string | null> = {
  label: 'SMBIOS mode',
  panel: 'devices',
  card: 'Machine',
  only: ['qemu'],
  control: () => ({
    kind: 'choice',
    absent: 'usual: emulate',
    nowFixed: 'Changes at the next start.',
    options: [
      { value: 'emulate', label: 'emulate', hint: 'QEMU’s own words.' },
      { value: 'host', label: 'host', hint: 'What the host’s firmware tells, except its serial numbers.' },
      { value: 'sysinfo', label: 'sysinfo', hint: 'The system information below.' },
    ],
  }),
  unit: wholeGuest,
  value: z.string().min(1).max(32).nullable(),

  read: (xml) => ({ '': modeOf(xml) }),
  write(xml, _unit, value) {
    if (value === null) xml.remove(modePath);
    else xml.ensure(...modePath).setAttribute('mode', value);
  },
  check: (value, _unit, _truth, _facts, after) => [
    ...(value !== null && !['emulate', 'host', 'sysinfo'].includes(value) ? [{ level: 'error' as const, message: `There is no SMBIOS mode ${value}.` }] : []),
    ...(value === 'sysinfo' && sysinfoOf(after) === null ? [{ level: 'error' as const, message: 'There is no system information to tell: add some, or the guest does not start.' }] : []),
  ],
  step: () => null,
  alike: (one, other) => (one ?? 'emulate') === (other ?? 'emulate'),
  say: (value) => value ?? 'emulate',
  name: () => 'SMBIOS mode',
};
