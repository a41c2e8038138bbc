// How often the balloon asks the guest how it uses its memory: <memballoon><stats period=…>, https://libvirt.org/formatdomain.html#memory-balloon-device
import { z } from '../domain/schema.ts';
import { wholeGuest, type Knob } from './knob.ts';

const path = ['devices', 'memballoon'] as const;
/** libvirt takes a signed 32-bit number. */
const most = 2_147_483_647;

/** Seconds; null = the guest is not asked. Only guests with a virtio balloon have it. */
export const memoryStatsPeriod: Knob<number | null> = {
  label: 'Statistics every',
  panel: 'memory',
  card: 'Memory',
  only: ['qemu'],
  control: () => ({ kind: 'number', least: 1, most, measure: 'seconds', absent: 'not asked', hint: 'How often the guest is asked what it uses, has free and caches.' }),
  unit: wholeGuest,
  value: z.int().min(1).max(most).nullable(),

  read(xml) {
    const balloon = xml.element(...path);
    if (balloon === null || !(balloon.attribute('model') ?? '').startsWith('virtio')) return {};
    const period = Number(balloon.element('stats')?.attribute('period') ?? '0');
    return { '': Number.isInteger(period) && period > 0 && period <= most ? period : null };
  },

  write(xml, _unit, value) {
    if (value === null) xml.remove([...path, 'stats']);
    else xml.ensure(...path, 'stats').setAttribute('period', `${value}`);
  },

  check: () => [],
  // The balloon that it is asked by may come with the same definition.
  step: (_unit, value, scope) => (scope === 'saved' ? null : { kind: 'setMemoryStatsPeriod', period: value ?? 0, scope }),
  say: (value) => (value === null ? 'not asked' : `every ${value} s`),
  name: () => 'Memory statistics',
};
