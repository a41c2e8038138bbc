// The CPU time a guest may take at most: <period> and <quota> with their prefixes, https://libvirt.org/formatdomain.html#cpu-tuning
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { wholeNumber } from './attributes.ts';
import type { Finding, Knob, Unit } from './knob.ts';
import type { Step } from './steps.ts';

/** What each limit is for; the unit of the knob is its name, as in libvirt's parameters. */
const sets = {
  global: { words: 'all of the guest', prefix: 'global_' },
  vcpu: { words: 'each vCPU', prefix: '' },
  emulator: { words: 'the emulator', prefix: 'emulator_' },
  iothread: { words: 'each I/O thread', prefix: 'iothread_' },
} as const;
type Set = keyof typeof sets;
const setNames = ['global', 'vcpu', 'emulator', 'iothread'] as const satisfies readonly Set[];

/** Microseconds. What the kernel takes, and what it has without being told. */
const period = { least: 1000, most: 1_000_000, usual: 100_000 };
const quota = { least: 1000, most: 17_592_186_044_415 };

const microseconds = z.int().min(0).nullable();
const limit = z.strictObject({ period: microseconds, quota: microseconds }).readonly();
type Limit = z.infer<typeof limit>;

const path = (set: Set, name: keyof Limit): readonly string[] => ['cputune', `${sets[set].prefix}${name}`];
const isSet = (unit: Unit): unit is Set => Object.hasOwn(sets, unit);
const setOf = (unit: Unit): Set => (isSet(unit) ? unit : 'global');

/** Negative, 0 and the highest quota are libvirt's spellings of "no limit", 0 and 100 ms those of the usual period. */
function readLimit(xml: DomainXml, set: Set): Limit {
  const [time, most] = (['period', 'quota'] as const).map((name) => wholeNumber(xml.textOf(...path(set, name))));
  return { period: time == null || time <= 0 || time === period.usual ? null : time, quota: most == null || most <= 0 || most >= quota.most ? null : most };
}

/** How much of one CPU a limit is; null = all there is. */
const percentOf = (value: Limit): number | null => (value.quota === null ? null : (value.quota / (value.period ?? period.usual)) * 100);
const percentWords = (percent: number): string => `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} % of a CPU`;

/** null as quota = no limit; as period = 100 ms. */
export const cpuQuota: Knob<Limit> = {
  label: 'CPU time limits',
  panel: 'cpu',
  card: 'CPU time',
  control: () => ({
    kind: 'fields',
    hint: 'In each period the threads run for the quota at most, then wait for the next.',
    fields: {
      quota: { kind: 'number', label: 'Quota', hint: 'CPU time in each period: two periods long is two CPUs.', ...quota, measure: 'microseconds', absent: 'no limit' },
      period: { kind: 'number', label: 'Period', least: period.least, most: period.most, measure: 'microseconds', absent: 'usual (100 ms)' },
    },
  }),
  unit: z.string().regex(/^(global|vcpu|emulator|iothread)$/, 'is global, vcpu, emulator or iothread'),
  value: limit,

  read: (xml) => Object.fromEntries(setNames.map((set) => [set, readLimit(xml, set)])),

  write(xml, unit, value) {
    const set = setOf(unit);
    const has = readLimit(xml, set);
    for (const name of ['period', 'quota'] as const) {
      if (has[name] === value[name]) continue;
      if (value[name] === null) xml.remove(path(set, name));
      else xml.ensure(...path(set, name)).setText(`${value[name]}`);
    }
  },

  check(value, unit, _truth, facts, after) {
    const findings: Finding[] = [];
    if (value.period !== null && (value.period < period.least || value.period > period.most)) findings.push(error(`Periods go from ${period.least} µs (1 ms) to ${period.most} µs (1 s).`));
    if (value.quota !== null && (value.quota < quota.least || value.quota > quota.most)) findings.push(error(`Quotas go from ${quota.least} µs (1 ms) to ${quota.most} µs; no limit is an empty field.`));
    // cgroup v1 alone holds a part of a guest to the whole's limit when it is written; v2 takes it and obeys the smaller.
    const part = percentOf(value);
    const whole = percentOf(readLimit(after, 'global'));
    if (facts.cpuSharesDefault === 1024 && setOf(unit) !== 'global' && part !== null && whole !== null && part > whole) {
      findings.push(error(`This host (cgroup v1) takes no limit of ${percentWords(part)} inside one of ${percentWords(whole)} for all of the guest.`));
    }
    return findings;
  },

  step(unit, value, scope, _facts, xml) {
    const set = setOf(unit);
    // Saved, 0 takes a value away; a running guest is set to what it would have.
    const absent = { live: { period: period.usual, quota: -1 }, saved: { period: 0, quota: 0 }, both: null }[scope];
    const has = readLimit(xml, set);
    // libvirt writes the period before the quota: between the two the old quota of the new period may be one that the kernel refuses beside the other limits.
    const loosensFirst = scope !== 'saved' && has.quota !== null && has.period !== value.period && has.quota !== value.quota;
    if (absent === null && (value.period === null || value.quota === null || loosensFirst)) return null;
    const fields = (['period', 'quota'] as const).filter((name) => scope === 'both' || has[name] !== value[name]);
    const call = (to: Limit, names: readonly (keyof Limit)[]): Step => ({ kind: 'setScheduler', fields: Object.fromEntries(names.map((name) => [`${set}_${name}`, to[name] ?? absent?.[name]])), scope });
    if (!loosensFirst) return call(value, fields);
    return [call({ ...value, quota: null }, ['quota']), call(value, value.quota === null ? ['period'] : fields)];
  },

  about(unit, xml) {
    const percent = percentOf(readLimit(xml, setOf(unit)));
    return percent === null ? 'no limit' : percentWords(percent);
  },
  say: (value) => {
    const percent = percentOf(value);
    return percent === null ? `no limit${value.period === null ? '' : ` (period ${value.period} µs)`}` : `${percentWords(percent)} (quota ${value.quota} µs of ${value.period ?? period.usual} µs)`;
  },
  name: (unit) => `CPU time of ${sets[setOf(unit)].words}`,
};

const error = (message: string): Finding => ({ level: 'error', message });
