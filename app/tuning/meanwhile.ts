// What became different between two readings of a guest: what somebody else did meanwhile.
import { truths } from './knob.ts';
import { knobNames, type Settings } from './knobs.ts';
import { alike, compareUnits, isSteady } from './alike.ts';
import type { Change } from './change.ts';

interface Reading {
  readonly live: Settings | null;
  readonly saved: Settings | null;
}

/** Every setting that is another now, in the order of truths, knobs and units; one that came or went is null on the other side. What a running guest moves by itself is left out. */
export const changedBetween = (before: Reading, now: Reading): readonly Change[] => truths.flatMap((truth) => {
  const [was, is] = [before[truth], now[truth]];
  if (was === null || is === null) return [];
  return knobNames.filter((knob) => isSteady({ knob, truth })).flatMap((knob) =>
    [...new Set([...Object.keys(was[knob]), ...Object.keys(is[knob])])].toSorted(compareUnits).flatMap((unit): readonly Change[] => {
      const [from, to] = [was[knob][unit] ?? null, is[knob][unit] ?? null];
      return alike(knob, from, to) ? [] : [{ knob, unit, truth, from, to }];
    }));
});
