// One change meant for many guests, absolute or relative, and what it comes to on each of them.
import { z } from '../domain/schema.ts';
import { type Control, type Facts, type Field, type Truth, truths, type Unit } from './knob.ts';
import { type KnobName, knobNames, knobs, settingOf, type Settings, type Wanted, wanted as wantedForm } from './knobs.ts';
import { amountAfter, operation } from './operation.ts';
import { compareUnits } from './alike.ts';
import { type Definitions, makePlan, missing, type Plan } from './plan.ts';

/** What is set: a knob's whole value or one field of it, on the units named or, null, on every unit a guest has. */
export const aim = z.strictObject({
  knob: z.enum(knobNames),
  units: z.array(z.string().max(256)).min(1).max(4096).readonly().nullable(),
  field: z.string().max(64).nullable(),
}).readonly();
export type Aim = z.infer<typeof aim>;

/** When it holds: `possible` = after a restart, and now where a running guest takes it. */
export const occasions = ['possible', 'saved', 'live'] as const;
export type Occasion = (typeof occasions)[number];

export const bulkChange = z.strictObject({ aim, operation, occasion: z.enum(occasions) }).readonly();
export type BulkChange = z.infer<typeof bulkChange>;

/** A guest as its changes are worked out. */
export interface BulkGuest {
  readonly definitions: Definitions;
  /** As they stand in those definitions. */
  readonly settings: { readonly live: Settings | null; readonly saved: Settings | null };
  readonly facts: Facts;
}

/** What many changes come to on one guest. With an error in the plan, or a refusal, it is not to be applied. */
export interface BulkPlan {
  readonly wanted: Wanted;
  readonly plan: Plan;
  /** What of it the running guest does not take, so that it waits for a restart. */
  readonly notes: readonly string[];
  /** What cannot be worked out: there is no number to start from, or the result is no value. */
  readonly refusals: readonly string[];
}

type Wishes = Partial<Record<Truth, Partial<Record<KnobName, Record<Unit, unknown>>>>>;

/** The field that is aimed at; null when it is the knob's whole value and that is no single field, or there is no such field. */
export const fieldOf = (control: Control, key: string | null): Field | null => {
  if (control.kind === 'fields') return key === null ? null : (control.fields[key] ?? null);
  if (control.kind === 'pinning') return { kind: 'text', absent: 'no pin', example: '4-7,^5' };
  return control.kind === 'number' || control.kind === 'choice' || control.kind === 'switch' || control.kind === 'text' ? control : null;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a knob after an operation on it or on one field of it; a sentence says why there is none. */
function valueAfter(now: unknown, { aim: { field: key }, operation: by }: BulkChange, control: Control): { readonly value: unknown } | string {
  if (key !== null && (control.kind !== 'fields' || !isRecord(now) || !Object.hasOwn(control.fields, key))) return `it has no ${key}.`;
  const part = key !== null && isRecord(now) ? now[key] : now;
  const put = (to: unknown): { readonly value: unknown } => ({ value: key !== null && isRecord(now) ? { ...now, [key]: to } : to });
  if (by.how === 'set') return put(by.to);
  const field = fieldOf(control, key);
  if (field?.kind !== 'number') return 'it is no number.';
  const amount = amountAfter(typeof part === 'number' ? part : null, by, field);
  return typeof amount === 'string' ? amount : put(amount);
}

const nowFixed = (control: Control, key: string | null): boolean =>
  control.nowFixed !== undefined || (key !== null && control.kind === 'fields' && control.fields[key]?.nowFixed !== undefined);

/** In which truths of a guest a change is meant. */
function truthsOf({ aim: { field }, occasion }: BulkChange, control: Control, { live, saved }: BulkGuest['settings']): readonly Truth[] {
  if (occasion !== 'possible') return [occasion];
  const there = truths.filter((truth) => (truth === 'live' ? live : saved) !== null);
  return there.length === 2 && nowFixed(control, field) ? ['saved'] : there;
}

/** What is wanted of one guest by these changes, each on top of those before it. */
function wishesOf(changes: readonly BulkChange[], { settings, facts }: BulkGuest): { readonly wishes: Wishes; readonly refusals: readonly string[] } {
  const wishes: Wishes = {};
  const refusals = new Set<string>();
  for (const change of changes) {
    const { knob } = change.aim;
    const control = knobs[knob].control(facts);
    for (const truth of truthsOf(change, control, settings)) {
      if (settings[truth] === null) refusals.add(missing[truth]);
      const there: Readonly<Record<Unit, unknown>> = settings[truth]?.[knob] ?? {};
      const units = change.aim.units ?? Object.keys(there).toSorted(compareUnits);
      if (units.length === 0 && settings[truth] !== null) refusals.add(`${knobs[knob].label}: the guest has none.`);
      for (const unit of units) {
        const wished = ((wishes[truth] ??= {})[knob] ??= {});
        const now = Object.hasOwn(wished, unit) ? wished[unit] : there[unit];
        const after = Object.hasOwn(there, unit) || change.operation.how === 'set' ? valueAfter(now, change, control) : 'the guest has none.';
        const setting = typeof after === 'string' ? null : settingOf(knob, after.value);
        if (setting === null) refusals.add(`${knobs[knob].name(unit)}: ${typeof after === 'string' ? after : 'this is no value it can have.'}`);
        else wished[unit] = setting.value;
      }
    }
  }
  return { wishes, refusals: [...refusals] };
}

/**
 * Works out what changes come to on one guest, and the plan for it. Where a running guest does not take what is meant for now where
 * possible, that waits for the restart.
 */
export function planBulk(changes: readonly BulkChange[], guest: BulkGuest): BulkPlan {
  const { definitions, facts } = guest;
  const { wishes, refusals } = wishesOf(changes, guest);
  const wanted = wantedForm.parse(wishes);
  const plan = makePlan(definitions, wanted, facts);
  const isOptional = (knob: KnobName): boolean => guest.settings.saved !== null && changes.every(({ aim: { knob: own }, occasion }) => own !== knob || occasion === 'possible');
  const against = plan.findings.flatMap(({ level, truth, knob, unit, message }) => (level === 'error' && truth === 'live' && knob !== null && isOptional(knob) ? [{ knob, unit, message }] : []));
  if (against.length === 0) return { wanted, plan, notes: [], refusals };
  for (const { knob, unit } of against) delete wishes.live?.[knob]?.[unit];
  const later = wantedForm.parse(wishes);
  const notes = [...new Set(against.map(({ knob, unit, message }) => `${knobs[knob].name(unit)} waits for the restart. ${message}`))];
  return { wanted: later, plan: makePlan(definitions, later, facts), notes, refusals };
}
