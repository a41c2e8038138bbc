// How the host holds a guest's memory: <memoryBacking>, https://libvirt.org/formatdomain.html#memory-backing
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { numberOf, putAttributes } from './attributes.ts';
import { wholeGuest, type Finding, type Knob } from './knob.ts';
import { kibOf } from './memory-size.ts';

const word = z.string().min(1).max(32).nullable();
const memoryBackingValue = z.strictObject({
  locked: z.boolean(), nosharepages: z.boolean(), source: word, access: word, allocation: word, threads: z.int().min(1).max(4_294_967_295).nullable(), discard: z.boolean(),
}).readonly();
type MemoryBacking = z.infer<typeof memoryBackingValue>;

const switches = ['nosharepages', 'locked', 'discard'] as const;
const sources = ['memfd', 'file', 'anonymous'] as const;

const attribute = (xml: DomainXml, name: string, key: string): string | null => xml.element('memoryBacking', name)?.attribute(key) ?? null;
const isOn = (xml: DomainXml, name: (typeof switches)[number]): boolean => xml.element('memoryBacking', name) !== null;

const readBacking = (xml: DomainXml): MemoryBacking => ({
  locked: isOn(xml, 'locked'),
  nosharepages: isOn(xml, 'nosharepages'),
  source: attribute(xml, 'source', 'type'),
  access: attribute(xml, 'access', 'mode'),
  allocation: attribute(xml, 'allocation', 'mode'),
  threads: numberOf(xml.element('memoryBacking', 'allocation'), 'threads'),
  discard: isOn(xml, 'discard'),
});

/** null = left to QEMU. */
export const memoryBacking: Knob<MemoryBacking> = {
  label: 'Backing',
  panel: 'memory',
  card: 'Backing',
  only: ['qemu'],
  control: (facts) => ({
    kind: 'fields',
    nowFixed: 'Changes at the next start.',
    ...(facts.transparentHugepages === null ? {} : { hint: `Transparent hugepages of the host: ${facts.transparentHugepages}.` }),
    fields: {
      locked: { kind: 'switch', label: 'Locked', hint: 'Never swapped out. Needs a hard limit, or the right to lock all of the host’s memory.' },
      nosharepages: { kind: 'switch', label: 'Not shared by KSM', hint: 'The host does not merge pages of this guest with equal ones of others.' },
      source: { kind: 'choice', label: 'Source', absent: 'QEMU’s own', options: [
        { value: 'memfd', label: 'memfd', hint: 'Memory with a handle that other processes can share, as vhost-user and virtiofs need.' },
        { value: 'file', label: 'file', hint: 'A file in the folder that the daemon’s configuration names.' },
        { value: 'anonymous', label: 'anonymous', hint: 'Ordinary memory of the process.' },
      ] },
      access: { kind: 'choice', label: 'Access', absent: 'usual: private', options: [{ value: 'shared', label: 'shared', hint: 'Other processes may be given the memory.' }, { value: 'private', label: 'private' }] },
      allocation: { kind: 'choice', label: 'Allocation', absent: 'as needed', options: [{ value: 'immediate', label: 'at start', hint: 'The guest starts with all of its memory, or not at all; starting takes longer.' }, { value: 'ondemand', label: 'on demand' }] },
      threads: { kind: 'number', least: 1, most: 1024, measure: 'count', absent: 'one', label: 'Allocation threads', hint: 'How many threads take the memory at start.' },
      discard: { kind: 'switch', label: 'Discard', hint: 'The contents of files are thrown away when the guest stops, rather than written.' },
    },
  }),
  unit: wholeGuest,
  value: memoryBackingValue,

  read: (xml) => ({ '': readBacking(xml) }),

  write(xml, _unit, value) {
    const now = readBacking(xml);
    for (const name of switches) {
      if (value[name] === now[name]) continue;
      if (value[name]) xml.ensure('memoryBacking', name);
      else xml.remove(['memoryBacking', name]);
    }
    const put = (name: string, has: Readonly<Record<string, string | number | null>>, wanted: Readonly<Record<string, string | number | null>>): void => {
      putAttributes(xml, ['memoryBacking', name], has, wanted);
    };
    put('source', { type: now.source }, { type: value.source });
    put('access', { mode: now.access }, { mode: value.access });
    put('allocation', { mode: now.allocation, threads: now.threads }, { mode: value.allocation, threads: value.threads });
  },

  check({ locked, source, access, allocation, threads, discard }, _unit, _truth, { libvirtVersion }, after) {
    const findings: Finding[] = [];
    const warn = (message: string): void => void findings.push({ level: 'warning', message });
    const refuse = (message: string): void => void findings.push({ level: 'error', message });
    const huge = after.element('memoryBacking', 'hugepages') !== null;
    if (source !== null && !sources.some((known) => known === source)) refuse(`Memory comes from ${sources.join(', ')}; there is no ${source}.`);
    if (locked && kibOf(after.element('memtune', 'hard_limit')) === null) warn('Without a hard limit the guest may lock all memory of the host.');
    if (access === 'shared' && (source === null || source === 'anonymous') && !huge) warn('Memory is shared with others only when it comes from memfd, a file or hugepages.');
    if (source === 'file' && huge) refuse('Hugepages do not come from files.');
    if (threads !== null && allocation !== 'immediate') warn('Threads take memory only where it is allocated at start.');
    if (threads !== null && libvirtVersion !== null && libvirtVersion < 8_002_000) refuse('Allocation threads need libvirt 8.2 on the host.');
    if (discard && source !== 'file' && source !== 'memfd' && !huge) warn('There is nothing to discard of memory that is no file.');
    return findings;
  },

  step: () => null,
  say(value) {
    const words = [
      ...(value.locked ? ['locked'] : []), ...(value.nosharepages ? ['not shared by KSM'] : []), ...(value.source === null ? [] : [value.source]),
      ...(value.access === null ? [] : [value.access]), ...(value.allocation === null ? [] : [`allocated ${value.allocation}`]),
      ...(value.threads === null ? [] : [`${value.threads} threads`]), ...(value.discard ? ['discarded'] : []),
    ];
    return words.length === 0 ? 'usual' : words.join(', ');
  },
  name: () => 'Memory backing',
};
