// What hosts refused, so that the reason stands at the field for as long as the same value is wished there.
import { useSyncExternalStore } from 'react';
import type { Applied } from '../../app/contract/tuning.ts';
import type { Truth, Unit } from '../../app/tuning/knob.ts';
import type { KnobName } from '../../app/tuning/knobs.ts';
import type { Change, Plan } from '../../app/tuning/plan.ts';
import { same } from '../../app/tuning/same.ts';

interface Refused extends Pick<Change, 'knob' | 'unit' | 'truth' | 'to'> {
  readonly message: string;
}

/** What failed of an apply, at each setting it was to change. */
export const refusedIn = (plan: Plan, applied: Pick<Applied, 'steps'>): readonly Refused[] =>
  applied.steps.flatMap(({ outcome, refusal }, index) =>
    // That somebody else was before speaks against no value.
    outcome === 'failed' && refusal !== undefined && refusal.code !== 'changed-meanwhile' ? (plan.steps[index]?.changes ?? []).map(({ knob, unit, truth, to }) => ({ knob, unit, truth, to, message: refusal.message })) : []);

/** The host's reason against this value; null when it was not refused. */
export const reasonAgainst = (refused: readonly Refused[], knob: KnobName, unit: Unit, truth: Truth, value: unknown): string | null =>
  refused.find((one) => one.knob === knob && one.unit === unit && one.truth === truth && same(one.to, value))?.message ?? null;

const none: readonly Refused[] = [];
const known = new Map<string, readonly Refused[]>();
const tellers = new Set<() => void>();
const subscribe = (tell: () => void): (() => void) => {
  tellers.add(tell);
  return () => tellers.delete(tell);
};

/** Remembers what the last apply on a guest was refused; `key` names the guest over all hosts. */
export const rememberRefused = (key: string, refused: readonly Refused[]): void => {
  if (refused.length === 0) known.delete(key);
  else known.set(key, refused);
  for (const tell of tellers) tell();
};

export const useRefused = (key: string): readonly Refused[] => useSyncExternalStore(subscribe, () => known.get(key) ?? none);
