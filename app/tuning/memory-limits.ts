// What the host lets a guest's process use of its memory: <memtune>, https://libvirt.org/formatdomain.html#memory-tuning
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { wholeGuest, type Field, type Finding, type Knob } from './knob.ts';
import { kibOf, sayKib, setKib, totalMemory } from './memory-size.ts';

/** "No limit": libvirt has VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, 2^53 - 1 KiB, and prints what cgroup v1 makes of it, whole pages. */
const unlimited = 9_007_199_254_740_988;
const names = ['hard_limit', 'soft_limit', 'swap_hard_limit', 'min_guarantee'] as const;
const limit = z.int().min(0).max(unlimited - 1).nullable();

const memoryLimitsValue = z.strictObject({ hard_limit: limit, soft_limit: limit, swap_hard_limit: limit, min_guarantee: limit }).readonly();
type MemoryLimits = z.infer<typeof memoryLimitsValue>;

const field = (absent: string): Field => ({ kind: 'number', least: 1, most: unlimited - 1, measure: 'KiB', absent });

/** KiB of one limit; null = unlimited. */
export const limitOf = (xml: DomainXml, name: (typeof names)[number]): number | null => {
  const kib = kibOf(xml.element('memtune', name));
  return kib === null || kib >= unlimited ? null : kib;
};
const readLimits = (xml: DomainXml): MemoryLimits => ({
  hard_limit: limitOf(xml, 'hard_limit'), soft_limit: limitOf(xml, 'soft_limit'), swap_hard_limit: limitOf(xml, 'swap_hard_limit'), min_guarantee: limitOf(xml, 'min_guarantee'),
});

const isQemu = (xml: DomainXml): boolean => ['kvm', 'qemu'].includes(xml.root.attribute('type') ?? '');
const words: Readonly<Record<(typeof names)[number], string>> = { hard_limit: 'hard', soft_limit: 'soft', swap_hard_limit: 'with swap', min_guarantee: 'guaranteed' };

/** KiB of the whole process; null = unlimited. */
export const memoryLimits: Knob<MemoryLimits> = {
  label: 'Limits',
  panel: 'memory',
  card: 'Limits',
  control: () => ({
    kind: 'fields',
    hint: 'For all of the guest’s process on the host: its memory and what QEMU itself needs.',
    fields: {
      hard_limit: { ...field('unlimited'), label: 'Hard limit', hint: 'Above it the host’s kernel ends the guest. QEMU’s own need is not known beforehand; leave ample room, or set none.' },
      soft_limit: { ...field('unlimited'), label: 'Soft limit', hint: 'What the guest is pushed back to when the host is short of memory.' },
      swap_hard_limit: { ...field('unlimited'), label: 'Hard limit with swap', hint: 'Memory and swap together; at least the hard limit.' },
      min_guarantee: { ...field('none'), label: 'Guaranteed', hint: 'What the guest is promised at least. QEMU does not support it.' },
    },
  }),
  unit: wholeGuest,
  value: memoryLimitsValue,

  read: (xml) => ({ '': readLimits(xml) }),

  write(xml, _unit, value) {
    for (const name of names) {
      const kib = value[name];
      if (kib === null) xml.remove(['memtune', name]);
      else setKib(xml.ensure('memtune', name), kib);
    }
  },

  check({ hard_limit: hard, soft_limit: soft, swap_hard_limit: swap, min_guarantee: guarantee }, _unit, _truth, _facts, after) {
    const findings: Finding[] = [];
    const error = (message: string): void => void findings.push({ level: 'error', message });
    const total = totalMemory(after);
    if ([hard, soft, swap].includes(0)) error('A limit of nothing leaves the guest no memory at all. Empty means unlimited.');
    if (soft !== null && hard !== null && soft > hard) error(`The soft limit is above the hard limit, ${sayKib(hard)}, and would never act.`);
    if (swap !== null && hard === null) error('A limit with swap needs a hard limit that is no greater.');
    if (swap !== null && hard !== null && swap < hard) error(`The limit with swap includes the hard limit, so it is at least ${sayKib(hard)}.`);
    if (guarantee !== null && isQemu(after)) error('QEMU has no guaranteed memory; libvirt refuses it: parameter min_guarantee not supported.');
    if (hard !== null && hard > 0 && hard <= total) {
      findings.push({ level: 'warning', message: `The guest can use ${sayKib(total)} and QEMU needs some beside it: with this hard limit the host’s kernel may end the guest at any time.` });
    }
    return findings;
  },

  step(_unit, value, scope, _facts, xml) {
    // libvirt judges hard against swap by what a running guest has, whichever it changes: so each truth is told by itself, and saved limits all at once.
    if (scope === 'both') return null;
    const now = readLimits(xml);
    const said = names.filter((name) => value[name] !== now[name] || (name !== 'min_guarantee' && (scope === 'saved' || value[name] !== null)));
    return { kind: 'setMemoryLimits', limits: Object.fromEntries(said.map((name) => [name, value[name]])), scope };
  },

  say: (value) => {
    const said = names.flatMap((name) => {
      const kib = value[name];
      return kib === null ? [] : [`${words[name]} ${sayKib(kib)}`];
    });
    return said.length === 0 ? 'unlimited' : said.join(', ');
  },
  name: () => 'Memory limits',
};
