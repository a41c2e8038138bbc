// When two values of a knob are the same, whose change a difference is, and in which order units stand.
import type { Knob, Truth, Unit } from './knob.ts';
import { type KnobName, knobs, type KnobValue } from './knobs.ts';
import { same } from './same.ts';

/** Whether two values of a knob mean the same to libvirt; what is no value of it is like nothing but itself. */
export function alike<K extends KnobName>(name: K, one: unknown, other: unknown): boolean {
  if (same(one, other)) return true;
  const knob: Knob<KnobValue<K>> = knobs[name];
  if (knob.alike === undefined) return false;
  const [first, second] = [knob.value.safeParse(one), knob.value.safeParse(other)];
  return first.success && second.success && knob.alike(first.data, second.data);
}

/** Whether only somebody's hand changes this: not the running guest by itself. */
export const isSteady = ({ knob, truth }: { readonly knob: KnobName; readonly truth: Truth }): boolean => truth === 'saved' || knobs[knob].drifts !== true;

/** Numbers by their value, before names by their characters. */
export function compareUnits(one: Unit, other: Unit): number {
  const numbers = [one, other].map((unit) => (/^\d+$/.test(unit) ? Number(unit) : Number.POSITIVE_INFINITY));
  const [first = 0, second = 0] = numbers;
  if (first !== second) return first - second;
  return one < other ? -1 : one > other ? 1 : 0;
}
