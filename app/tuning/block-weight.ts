// The guest's share of the host's disks where several want them: <blkiotune><weight>, https://libvirt.org/formatdomain.html#block-i-o-tuning
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { wholeNumber } from './attributes.ts';
import { type Knob, wholeGuest } from './knob.ts';

const path = ['blkiotune', 'weight'] as const;
/** What every guest has without being told, and what it is set to for that while it runs. */
const usual = 100;
/** libvirt's range with cgroup v2; v1's own scheduler ends earlier. */
const range = { least: 1, most: 10_000 };
const mostOfV1 = 1000;

const readWeight = (xml: DomainXml): number | null => {
  const weight = wholeNumber(xml.textOf(...path));
  return weight === null || weight === 0 || weight === usual ? null : weight;
};

/** null = the usual weight. */
export const blockWeight: Knob<number | null> = {
  label: 'Weight',
  panel: 'disks',
  card: 'Host devices',
  only: ['qemu', 'lxc'],
  control: () => ({ kind: 'number', ...range, measure: 'count', absent: `usual (${usual})`, hint: 'A guest of twice the weight gets twice the time of a disk that both keep busy. The host’s I/O scheduler must be BFQ, or its iocost be on.' }),
  unit: wholeGuest,
  value: z.int().min(range.least).max(range.most).nullable(),

  read: (xml) => ({ '': readWeight(xml) }),
  write(xml, _unit, value) {
    if (value === readWeight(xml)) return;
    if (value === null) xml.remove(path);
    else xml.ensure(...path).setText(`${value}`);
  },

  // A CPU share of 1024 by default tells of cgroup v1.
  check: (value, _unit, _truth, { cpuSharesDefault }) => (value !== null && cpuSharesDefault === 1024 && value > mostOfV1 ? [{ level: 'error', message: `This host (cgroup v1) has weights up to ${mostOfV1}.` }] : []),
  step: (_unit, value, scope) => (value === null && scope !== 'live' ? null : { kind: 'setBlkio', params: { weight: value ?? usual }, scope }),

  say: (value) => (value === null ? `usual (${usual})` : `${value}`),
  name: () => 'Weight of block I/O',
};
