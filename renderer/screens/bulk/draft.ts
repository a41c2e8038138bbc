// What is being written for many guests: one line a setting, and what it comes to as a change.
import type { Reading } from '../../../app/contract/tuning.ts';
import { type BulkChange, fieldOf, type Occasion } from '../../../app/tuning/bulk.ts';
import type { Field, Unit } from '../../../app/tuning/knob.ts';
import { type KnobName, knobNames, knobs } from '../../../app/tuning/knobs.ts';
import { type Operation, readOperation } from '../../../app/tuning/operation.ts';
import { compareUnits } from '../../../app/tuning/alike.ts';

/** One thing that can be set on many guests: a knob, or one field of it. */
export interface Settable {
  readonly key: string;
  readonly knob: KnobName;
  readonly field: string | null;
  /** `CPU time: Quota` */
  readonly label: string;
  /** Where panels have it: `CPU · CPU time`. */
  readonly card: string;
  readonly hint: string | null;
  readonly form: Field;
  /** Those of the guest it was read from; `''` = the guest itself. */
  readonly units: readonly Unit[];
}

/** One line of the dialog. */
export interface Line {
  readonly id: number;
  readonly setting: Settable | null;
  /** null = every unit a guest has. */
  readonly unit: Unit | null;
  /** As typed or chosen. */
  readonly text: string;
  readonly occasion: Occasion;
}

const panelNames = { cpu: 'CPU', memory: 'Memory', disks: 'Disks', network: 'Network', devices: 'Devices' } as const;

/** Everything that many guests can be given by one value, as a guest of theirs shows it; what has a picture or a list of its own is left to the guest's page. */
export const settables = ({ live, saved, facts }: Pick<Reading, 'live' | 'saved' | 'facts'>): readonly Settable[] => knobNames.flatMap((knob) => {
  const { label, panel, card } = knobs[knob];
  const control = knobs[knob].control(facts);
  const units = Object.keys((saved ?? live)?.[knob] ?? {}).toSorted(compareUnits);
  if (units.length === 0 || control.fixed !== undefined) return [];
  const of = (field: string | null, name: string, hint: string | undefined): readonly Settable[] => {
    const form = fieldOf(control, field);
    return form === null ? [] : [{ key: `${knob}/${field ?? ''}`, knob, field, label: name, card: `${panelNames[panel]} · ${card}`, hint: hint ?? null, form, units }];
  };
  if (control.kind === 'fields') return Object.entries(control.fields).flatMap(([key, field]) => of(key, `${label}: ${field.label}`, field.hint ?? control.hint));
  return of(null, label, control.hint);
});

/** Whether it is set on the guest itself, which has no further one. */
export const isWhole = ({ units }: Settable): boolean => units.every((unit) => unit === '');

/** Units that are numbered are alike, so all are meant; of those with names, such as vCPUs and emulator for their time, one is. */
export const firstUnit = ({ units }: Settable): Unit | null => (units.every((unit) => /^\d*$/.test(unit)) ? null : (units[0] ?? null));

export const freshLine = (id: number): Line => ({ id, setting: null, unit: null, text: '', occasion: 'possible' });

/** The line with another setting: what was typed for the one before means nothing for it. */
export const withSetting = (line: Line, setting: Settable | null): Line =>
  ({ ...line, setting, unit: setting === null ? null : firstUnit(setting), text: setting?.form.kind === 'switch' ? 'on' : '' });

const operationOf = ({ form }: Settable, text: string): Operation | null => {
  switch (form.kind) {
    case 'number': return readOperation(text, form);
    case 'switch': return text === 'on' || text === 'off' ? { how: 'set', to: text === 'on' } : null;
    case 'choice': return form.options.some(({ value }) => value === text) || (text === '' && form.absent !== null) ? { how: 'set', to: text === '' ? null : text } : null;
    case 'text': return text.trim() !== '' || form.absent !== null ? { how: 'set', to: text.trim() === '' ? null : text.trim() } : null;
  }
};

/** The change a line stands for; null while something of it is missing or not understood. */
export const changeOf = ({ setting, unit, text, occasion }: Line): BulkChange | null => {
  const operation = setting === null ? null : operationOf(setting, text);
  if (setting === null || operation === null) return null;
  return { aim: { knob: setting.knob, units: unit === null ? null : [unit], field: setting.field }, operation, occasion };
};
