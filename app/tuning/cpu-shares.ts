// A guest's weight when host CPUs are short: <shares>, https://libvirt.org/formatdomain.html#cpu-tuning
import { z } from '../domain/schema.ts';
import { wholeGuest, type Facts, type Knob } from './knob.ts';

const path = ['cputune', 'shares'] as const;
const least = 2;

/**
 * What the kernel takes: cpu.weight of cgroup v2, cpu.shares of v1; while the host is unknown, what either takes. cpu.weight may be 1,
 * but no definition with less than 2 can be read by libvirt again ("must be in range [2, 262144]").
 */
function range({ cpuSharesDefault }: Facts): { readonly most: number; readonly from: string } {
  if (cpuSharesDefault === null) return { most: 262_144, from: 'cgroups' };
  return cpuSharesDefault === 100 ? { most: 10_000, from: 'cgroup v2' } : { most: 262_144, from: 'cgroup v1' };
}

/** null = what the host gives to guests without shares of their own. */
export const cpuShares: Knob<number | null> = {
  label: 'CPU shares',
  panel: 'cpu',
  card: 'CPU time',
  control: (facts) => ({
    kind: 'number',
    least,
    most: range(facts).most,
    measure: 'count',
    ...(facts.cpuSharesDefault !== null && { usual: facts.cpuSharesDefault }),
    absent: facts.cpuSharesDefault === null ? 'host default' : `host default (${facts.cpuSharesDefault})`,
  }),
  unit: wholeGuest,
  value: z.number().nullable(),

  read(xml, facts) {
    const text = xml.textOf(...path);
    const shares = text === null || !/^\d+$/.test(text) ? null : Number(text);
    return { '': shares === facts.cpuSharesDefault ? null : shares };
  },

  write(xml, _unit, value) {
    if (value === null) xml.remove(path);
    else xml.ensure(...path).setText(`${value}`);
  },

  check(value, _unit, truth, facts) {
    const { most, from } = range(facts);
    if (value === null) {
      return truth === 'live' && facts.cpuSharesDefault === null
        ? [{ level: 'error', message: "The host's default is not known yet, so a running guest cannot be put back to it. Give a number." }]
        : [];
    }
    if (!Number.isInteger(value)) return [{ level: 'error', message: 'CPU shares are a whole number.' }];
    return value < least || value > most ? [{ level: 'error', message: `CPU shares go from ${least} to ${most} with ${from}.` }] : [];
  },

  step(_unit, value, scope, facts) {
    // Removing <shares> needs a definition; a running guest is set to what it would have without.
    if (value === null && scope !== 'live') return null;
    const shares = value ?? facts.cpuSharesDefault;
    return shares === null ? null : { kind: 'setScheduler', fields: { cpu_shares: shares }, scope };
  },

  say: (value) => (value === null ? 'host default' : `${value}`),
  name: () => 'CPU shares',
};
