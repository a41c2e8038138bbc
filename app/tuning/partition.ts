// The control group a guest is put into: <resource> with <partition>, https://libvirt.org/formatdomain.html#resource-partitioning
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { type Knob, wholeGuest } from './knob.ts';

const path = ['resource', 'partition'] as const;
/** Where libvirt puts guests that name none. */
const usual = '/machine';

const partitionOf = (xml: DomainXml): string | null => xml.textOf(...path) || null;

/** null = where all guests are. */
export const partition: Knob<string | null> = {
  label: 'Partition',
  panel: 'cpu',
  card: 'CPU time',
  control: () => ({
    kind: 'text', absent: `with all guests (${usual})`, example: '/machine/production',
    nowFixed: 'Changes at the next start.',
    hint: 'The control group the guest runs in, whose shares and limits it is held to with all that is in it. The group has to be there: libvirt makes none, and systemd calls it a slice (machine-production.slice).',
  }),
  unit: wholeGuest,
  value: z.string().min(1).max(4096).nullable(),

  read: (xml) => ({ '': partitionOf(xml) }),

  write(xml, _unit, value) {
    if (partitionOf(xml) === value) return;
    if (value === null) xml.remove(path);
    else xml.ensure(...path).setText(value);
  },

  check: (value) => (value === null || /^(\/[^/\s]+)+$/.test(value) ? [] : [{ level: 'error', message: 'This is a path such as /machine/production: it begins with /, and does not end with it.' }]),

  step: () => null,
  alike: (one, other) => (one ?? usual) === (other ?? usual),
  say: (value) => value ?? usual,
  name: () => 'Partition',
};
