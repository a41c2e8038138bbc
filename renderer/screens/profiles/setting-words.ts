// A setting of a profile in words.
import { fieldOf } from '../../../app/tuning/bulk.ts';
import { unknownFacts } from '../../../app/tuning/knob.ts';
import { type KnobName, knobs, settingOf } from '../../../app/tuning/knobs.ts';
import { sayValue } from '../../../app/tuning/operation.ts';
import type { ProfileSetting } from '../../../app/tuning/profile.ts';

/** A field's name as fields of no guest in particular have it. */
export const aimWords = (knob: KnobName, units: readonly string[] | null, field: string | null): string => {
  const control = knobs[knob].control(unknownFacts(''));
  const name = units === null ? knobs[knob].label : units.map((unit) => knobs[knob].name(unit)).join(', ');
  const part = field === null || control.kind !== 'fields' ? null : (control.fields[field]?.label ?? field);
  return part === null ? name : `${name}: ${part}`;
};

const valueWords = <K extends KnobName>(knob: K, field: string | null, to: unknown): string => {
  const setting = field === null ? settingOf(knob, to) : null;
  return setting === null ? sayValue(to, fieldOf(knobs[knob].control(unknownFacts('')), field)) : knobs[knob].say(setting.value);
};

export const settingWords = ({ aim: { knob, units, field }, to }: ProfileSetting): { readonly name: string; readonly value: string } =>
  ({ name: aimWords(knob, units, field), value: valueWords(knob, field, to) });
