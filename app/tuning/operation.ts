// What is done with a value on many guests: put in its place, added to it, or multiplied; and how that is typed and read.
import { z } from '../domain/schema.ts';
import type { Field } from './knob.ts';
import { printMeasure, readMeasure } from './measure.ts';

/** `add` is in the unit of the field's measure, negative to take away. */
export const operation = z.discriminatedUnion('how', [
  z.strictObject({ how: z.literal('set'), to: z.json() }).readonly(),
  z.strictObject({ how: z.literal('add'), amount: z.int() }).readonly(),
  z.strictObject({ how: z.literal('times'), factor: z.number().positive().max(1_000_000) }).readonly(),
]);
export type Operation = z.infer<typeof operation>;

type NumberField = Extract<Field, { kind: 'number' }>;

/** A number after an operation on it, whole; a sentence says why there is none. */
export function amountAfter(now: number | null, by: Exclude<Operation, { how: 'set' }>, { least, most, measure, usual }: NumberField): number | string {
  const from = now ?? usual ?? null;
  if (from === null) return 'it is not set, so there is nothing to count from. Give a value.';
  const amount = by.how === 'add' ? from + by.amount : Math.round(from * by.factor);
  if (amount >= least && amount <= most) return amount;
  return `it would be ${Number.isSafeInteger(amount) && amount >= 0 ? printMeasure(amount, measure) : amount}, and goes from ${printMeasure(least, measure)} to ${printMeasure(most, measure)}.`;
}

/** Reads what is typed for a number: `= 4` or `4`, `+2 GiB`, `-1`, `×2` or `*2`; nothing where the field may be empty. Null when it is none of these. */
export function readOperation(text: string, { measure, absent }: NumberField): Operation | null {
  const [, sign = '', rest = ''] = /^([=+×*x−-]?)\s*(.*)$/u.exec(text.trim()) ?? [];
  if (rest === '') return sign === '' && absent !== null ? { how: 'set', to: null } : null;
  if (sign === '×' || sign === '*' || sign === 'x') {
    const factor = /^(\d+(\.\d+)?|\.\d+)$/.test(rest) ? Number(rest) : 0;
    return operation.safeParse({ how: 'times', factor }).data ?? null;
  }
  const amount = readMeasure(rest, measure);
  if (amount === null) return null;
  return sign === '' || sign === '=' ? { how: 'set', to: amount } : { how: 'add', amount: sign === '+' ? amount : -amount };
}

/** A value as its field shows it: `2 GiB`, `on`, the label of a choice. `field` null = a value of several fields. */
export function sayValue(value: unknown, field: Field | null): string {
  if (value === null || value === undefined) return field === null || field.kind === 'switch' ? 'nothing' : (field.absent ?? 'nothing');
  if (typeof value === 'number') return field?.kind === 'number' ? printMeasure(value, field.measure) : `${value}`;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return field?.kind === 'choice' ? (field.options.find((option) => option.value === value)?.label ?? value) : value;
  return JSON.stringify(value);
}

/** An operation for reading: `= 4`, `+2 GiB`, `−1`, `× 2`. */
export function sayOperation(by: Operation, field: Field | null): string {
  if (by.how === 'times') return `× ${by.factor}`;
  if (by.how === 'set') return `= ${sayValue(by.to, field)}`;
  return by.amount < 0 ? `−${sayValue(-by.amount, field)}` : `+${sayValue(by.amount, field)}`;
}
