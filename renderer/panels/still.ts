// Tuning as the cards without pins see it: strokes over the matrix come many a second, and would draw every card anew.
import { useState } from 'react';
import { type Truth, truths } from '../../app/tuning/knob.ts';
import { type KnobName, knobNames, knobs } from '../../app/tuning/knobs.ts';
import { same } from '../../app/tuning/same.ts';
import type { Tuning } from './tuning.ts';

/** Whether two are the same but for pins that are edited. No rule of another knob looks at pins. */
const differInPinsAlone = (one: Tuning, other: Tuning): boolean => {
  if (one.reading !== other.reading || one.hostPins !== other.hostPins || one.refusals !== other.refusals || one.fixed !== other.fixed || one.guest.uuid !== other.guest.uuid || one.guest.host !== other.guest.host || one.guest.name !== other.guest.name) return false;
  const isPinned = (name: KnobName): boolean => knobs[name].control(other.facts).kind === 'pinning';
  const isSame = (truth: Truth, name: KnobName): boolean => same(one.edited[truth]?.[name], other.edited[truth]?.[name]) && same(one.wanted[truth]?.[name], other.wanted[truth]?.[name]);
  return knobNames.every((name) => isPinned(name) || truths.every((truth) => isSame(truth, name)));
};

/** The same object for as long as nothing but pins is edited. */
export const useStill = (tuning: Tuning): Tuning => {
  const [still, setStill] = useState(tuning);
  if (still === tuning || differInPinsAlone(still, tuning)) return still;
  setStill(tuning);
  return tuning;
};
