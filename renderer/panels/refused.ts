// What hosts refused, so that the reason stands at the field for as long as the same value is wished there.
import { useSyncExternalStore } from 'react';
import type { Applied } from '../../app/contract/tuning.ts';
import type { Truth, Unit } from '../../app/tuning/knob.ts';
import type { KnobName } from '../../app/tuning/knobs.ts';
import type { Change } from '../../app/tuning/change.ts';
import type { Plan } from '../../app/tuning/plan.ts';
import { same } from '../../app/tuning/same.ts';

interface Refused extends Pick<Change, 'knob' | 'unit' | 'truth' | 'to'> {
  readonly message: string;
}

/** Why libvirt refused a text of the saved definition. */
interface RefusedText {
  readonly text: string;
  readonly message: string;
}

const isText = ({ step }: Plan['steps'][number]): boolean => step.kind === 'define' && step.text !== undefined;

/** Whether an apply wrote the text of the saved definition that it was to write. */
export const wroteText = (plan: Plan, applied: Pick<Applied, 'steps'>): boolean => plan.steps.some((step, at) => isText(step) && applied.steps[at]?.outcome === 'done');

/** The text that an apply was to write and libvirt refused; null when it did not. */
export const refusedTextIn = (plan: Plan, applied: Pick<Applied, 'steps'>): RefusedText | null => {
  const at = plan.steps.findIndex(isText);
  const [step, refusal] = [plan.steps[at]?.step, applied.steps[at]?.refusal];
  return step?.kind !== 'define' || refusal === undefined || refusal.code === 'changed-meanwhile' ? null : { text: step.xml, message: refusal.message };
};

/** What failed of an apply, at each setting it was to change. */
export const refusedIn = (plan: Plan, applied: Pick<Applied, 'steps'>): readonly Refused[] =>
  applied.steps.flatMap(({ outcome, refusal }, index) => {
    const planned = plan.steps[index];
    // That somebody else was before speaks against no value, and a whole text against none in particular.
    return outcome === 'failed' && refusal !== undefined && refusal.code !== 'changed-meanwhile' && planned !== undefined && !isText(planned) ? planned.changes.map(({ knob, unit, truth, to }) => ({ knob, unit, truth, to, message: refusal.message })) : [];
  });

/** The host's reason against this value; null when it was not refused. */
export const reasonAgainst = (refused: readonly Refused[], knob: KnobName, unit: Unit, truth: Truth, value: unknown): string | null =>
  refused.find((one) => one.knob === knob && one.unit === unit && one.truth === truth && same(one.to, value))?.message ?? null;

const none: readonly Refused[] = [];
const known = new Map<string, readonly Refused[]>();
const knownTexts = new Map<string, RefusedText>();
const tellers = new Set<() => void>();
const subscribe = (tell: () => void): (() => void) => {
  tellers.add(tell);
  return () => tellers.delete(tell);
};

/** Remembers what the last apply on a guest was refused; `key` names the guest over all hosts. */
export const rememberRefused = (key: string, refused: readonly Refused[], text: RefusedText | null): void => {
  if (text === null) knownTexts.delete(key);
  else knownTexts.set(key, text);
  if (refused.length === 0) known.delete(key);
  else known.set(key, refused);
  for (const tell of tellers) tell();
};

export const useRefused = (key: string): readonly Refused[] => useSyncExternalStore(subscribe, () => known.get(key) ?? none);

/** Why libvirt refused this very text at the last apply; null when it did not. */
export const useRefusedText = (key: string, text: string): string | null =>
  useSyncExternalStore(subscribe, () => {
    const refused = knownTexts.get(key);
    return refused?.text === text ? refused.message : null;
  });
