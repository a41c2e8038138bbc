// Profiles: named sets of values for many guests, made from one of them or by hand, and which guests are as they say.
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { aim, type BulkChange, fieldOf } from './bulk.ts';
import type { Facts, Knob, Unit } from './knob.ts';
import { type KnobName, knobs, type KnobValue, settingOf, type Settings } from './knobs.ts';
import { sayValue } from './operation.ts';
import { alike, compareUnits } from './alike.ts';
import { same } from './same.ts';

/** One value of a profile: a knob's whole or one field of it, on the units named or on every unit. */
export const profileSetting = z.strictObject({ aim, to: z.json() }).readonly();
export type ProfileSetting = z.infer<typeof profileSetting>;

/** What a profile says, wherever it is kept. */
export const profileText = z.strictObject({
  name: z.string().trim().min(1).max(100),
  description: z.string().trim().max(2000),
  settings: z.array(profileSetting).min(1).max(200).readonly(),
});
export type ProfileText = z.infer<typeof profileText>;

/** A profile as changes of many guests. */
export const profileChanges = (settings: readonly ProfileSetting[]): readonly BulkChange[] =>
  settings.map(({ aim: of, to }) => ({ aim: of, operation: { how: 'set', to }, occasion: 'possible' }));

/** The values of these knobs of one guest as a profile has them: what all units have alike is said once for every unit. */
export const profileOf = (settings: Settings, names: readonly KnobName[]): readonly ProfileSetting[] => names.flatMap((knob) => {
  const values: Readonly<Record<Unit, unknown>> = settings[knob];
  const units = Object.entries(values).toSorted(([one], [other]) => compareUnits(one, other));
  const [first, ...others] = units;
  if (first === undefined) return [];
  // One whole guest has one unit; numbered ones differ in number from guest to guest.
  const isEvery = others.every(([, value]) => same(value, first[1])) && units.every(([unit]) => unit === '' || /^\d+$/.test(unit));
  const made = isEvery ? [{ aim: { knob, units: null, field: null }, to: first[1] }] : units.map(([unit, to]) => ({ aim: { knob, units: [unit], field: null }, to }));
  return made.map((one) => profileSetting.parse(one));
});

/** A setting that is other than a profile says. */
export interface Difference {
  readonly knob: KnobName;
  readonly unit: Unit;
  readonly field: string | null;
  /** In words, as the guest has it and as the profile says it. */
  readonly has: string;
  readonly wants: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where one unit differs; null = it is as it should be, in whatever spelling libvirt has it. */
function differenceOf<K extends KnobName>(name: K, unit: Unit, { aim: { field }, to }: ProfileSetting, xml: DomainXml, facts: Facts): Difference | null {
  const knob: Knob<KnobValue<K>> = knobs[name];
  const there = knob.read(xml, facts);
  const has = there[unit];
  const say = (value: unknown): string => {
    const whole = field === null ? settingOf(name, value) : null;
    return whole === null ? sayValue(value, fieldOf(knob.control(facts), field)) : knob.say(whole.value);
  };
  if (has === undefined) return { knob: name, unit, field, has: 'not there', wants: say(to) };
  const wanted = settingOf(name, field !== null && isRecord(has) ? { ...has, [field]: to } : to);
  if (wanted !== null) {
    // Written and read back, what should be has its normal form.
    const copy = xml.clone();
    knob.write(copy, unit, wanted.value);
    if (alike(name, has, knob.read(copy, facts)[unit])) return null;
  }
  return { knob: name, unit, field, has: say(field !== null && isRecord(has) ? has[field] : has), wants: say(to) };
}

/** Where a definition is other than a profile says; units that a guest does not have are no difference unless they are named. */
export const differences = (settings: readonly ProfileSetting[], xml: DomainXml, facts: Facts): readonly Difference[] => settings.flatMap((setting) => {
  const { knob, units } = setting.aim;
  return (units ?? Object.keys(knobs[knob].read(xml, facts)).toSorted(compareUnits)).flatMap((unit) => differenceOf(knob, unit, setting, xml, facts) ?? []);
});

const set = (knob: KnobName, to: z.core.util.JSONType, field: string | null = null, units: readonly Unit[] | null = null): ProfileSetting => ({ aim: { knob, units, field }, to });

/** What there is to begin with. Nothing in them needs anything that a host may lack. */
export const starters: readonly ProfileText[] = [
  {
    name: 'Database',
    description: 'Memory of its own that the host does not merge with that of others, all of it there from the start, and no limit on CPU time. Memory use is told every 10 s. Add hugepages and pins where the host has room for them.',
    settings: [
      set('memoryBacking', true, 'nosharepages'), set('memoryBacking', 'immediate', 'allocation'), set('cpuQuota', null, 'quota', ['vcpu']), set('cpuQuota', null, 'quota', ['global']), set('memoryStatsPeriod', 10),
    ],
  },
  {
    name: 'Quiet neighbour',
    description: 'Never more than half of a CPU for each vCPU, one CPU for its emulator, and turns that do not interrupt those of others: for builds, reports and whatever nobody waits for.',
    settings: [
      set('cpuQuota', 100_000, 'period', ['vcpu']), set('cpuQuota', 50_000, 'quota', ['vcpu']), set('cpuQuota', 100_000, 'period', ['emulator']), set('cpuQuota', 100_000, 'quota', ['emulator']), set('vcpuScheduler', { scheduler: 'batch', priority: null }),
    ],
  },
  {
    name: 'Latency-critical',
    description: 'No limit on CPU time anywhere, memory that is never merged and is all there from the start, and the CPU of the host as it is, so that the guest moves only to hosts like it. Pin its vCPUs by Place… besides: a profile cannot know which CPUs are free.',
    settings: [
      ...['global', 'vcpu', 'emulator', 'iothread'].map((unit) => set('cpuQuota', null, 'quota', [unit])), set('memoryBacking', true, 'nosharepages'), set('memoryBacking', 'immediate', 'allocation'), set('cpuModel', 'host-passthrough', 'mode'),
    ],
  },
];
