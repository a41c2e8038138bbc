// One setting that moves: as a value, in words, and taken back.
import { z } from '../domain/schema.ts';
import { alike } from './alike.ts';
import { type Knob, truths, type Truth, type Unit } from './knob.ts';
import { knobNames, knobs, wanted as wantedSchema, type KnobName, type KnobValue, type Settings, type Wanted } from './knobs.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
const json: z.ZodType<Json> = z.json();

/** One setting that moves, in one truth. */
export const change = z.strictObject({ knob: z.enum(knobNames), unit: z.string(), truth: z.enum(truths), from: json, to: json }).readonly();
export type Change = z.infer<typeof change>;

/** A change in words: `vCPU 7: no pin`. */
export function changeWords({ knob, unit, from, to }: Change): { readonly name: string; readonly from: string; readonly to: string } {
  const say = (name: KnobName, value: unknown): string => sayAs(name, value);
  return { name: knobs[knob].name(unit), from: say(knob, from), to: say(knob, to) };
}

const sayAs = <K extends KnobName>(name: K, value: unknown): string => {
  const knob: Knob<KnobValue<K>> = knobs[name];
  const read = knob.value.safeParse(value);
  return read.success ? knob.say(read.data) : 'gone';
};

/** Changes as one title; a long list is cut. */
export function sentence(changes: readonly Change[]): string {
  const words = [...new Set(changes.map((each) => changeWords(each)).map(({ name, to }) => `${name}: ${to}`))];
  return words.length > 3 ? `${words.slice(0, 3).join(', ')} and ${words.length - 3} more` : words.join(', ');
}

/** What to want so that these changes are undone; of several to one setting, the first one's old value. */
export function invert(changes: readonly Change[]): Wanted {
  const back: Partial<Record<Truth, Partial<Record<KnobName, Record<Unit, unknown>>>>> = {};
  for (const { knob, unit, truth, from } of changes.toReversed()) ((back[truth] ??= {})[knob] ??= {})[unit] = from;
  return wantedSchema.parse(back);
}

/** The changes that the world has moved on from: what they set is not what is there now. */
export const conflicts = (changes: readonly Change[], now: { readonly live: Settings | null; readonly saved: Settings | null }): readonly Change[] =>
  changes.filter(({ knob, unit, truth, to }) => {
    const settings = now[truth];
    const value = settings?.[knob][unit];
    // What was taken away is to be gone.
    return value === undefined ? settings === null || to !== null : !alike(knob, value, to);
  });

/** What is said of a live change that the guest has yet to come to; null where the host sets it by itself. */
export const arrivalWords = ({ knob, truth }: Pick<Change, 'knob' | 'truth'>): string | null => (truth === 'live' ? (knobs[knob].arrives ?? null) : null);

/** Whether all that is not there yet is the guest's to do, so that nothing has failed. */
export const isOnItsWay = (unconfirmed: readonly Change[]): boolean => unconfirmed.length > 0 && unconfirmed.every((change) => arrivalWords(change) !== null);
