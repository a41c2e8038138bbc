// What a step rests on, looked at once more right before it is taken: what somebody else does in mid-apply is never overwritten.
import { Refused } from '../../app/contract/refusal.ts';
import type { Facts } from '../../app/tuning/knob.ts';
import { type KnobName, knobs, type KnobValue, settingOf } from '../../app/tuning/knobs.ts';
import { type Change, changeWords, invert } from '../../app/tuning/change.ts';
import { alike, isSteady } from '../../app/tuning/alike.ts';
import { type Definitions, type PlannedStep, withWanted } from '../../app/tuning/plan.ts';
import type { Step } from '../../app/tuning/steps.ts';
import { type Read, reversed } from './guest-reading.ts';

/** What somebody else did while a plan is applied. */
export interface Ground {
  /** What stands in the way of a step; null = nothing. To be asked right before the step, with the guest as it is then. */
  obstacle(step: PlannedStep, now: Definitions): Refused | null;
  /** Whether a setting that the plan has moved was moved again since, so that it is not the plan's to put back. */
  isForeign(change: Change, now: Read['reading']): boolean;
}

const keyOf = ({ knob, unit, truth }: Change): string => `${truth} ${knob} ${unit}`;

const valueOf = <K extends KnobName>(name: K, unit: string, xml: Definitions['live'], facts: Facts): KnobValue<K> | undefined =>
  (xml === null ? undefined : knobs[name].read(xml, facts)[unit]);

/** @param before the guest as the plan was made from it. */
export const groundOf = ({ reading, facts }: Read): Ground => {
  /** Settings that a step of this plan has begun to move: those are the plan's own from then on. */
  const begun = new Map<string, Change>();
  /** What the host showed of them once their last step was taken. */
  const shown = new Map<string, unknown>();
  const isMoved = (change: Change, now: Definitions): boolean => {
    const { knob, unit, truth, from, to } = change;
    const value = valueOf(knob, unit, now[truth], facts);
    // A unit that is gone, with the running guest perhaps, is for libvirt to refuse.
    if (value === undefined || begun.has(keyOf(change)) || !isSteady(change)) return false;
    return ![reading[truth]?.[knob][unit], from, to].some((known) => alike(knob, value, known));
  };
  return {
    obstacle: ({ changes }, now) => {
      const keys = changes.map(keyOf);
      for (const [key, { knob, unit, truth }] of begun) if (!shown.has(key) && !keys.includes(key)) shown.set(key, valueOf(knob, unit, now[truth], facts));
      const moved = changes.find((change) => isMoved(change, now));
      if (moved === undefined) {
        for (const change of changes) begun.set(keyOf(change), change);
        return null;
      }
      const { name, to } = changeWords({ ...moved, to: valueOf(moved.knob, moved.unit, now[moved.truth], facts) ?? null });
      return new Refused('changed-meanwhile', `${name} was changed to ${to} by someone else meanwhile, and stays so.`, { remedy: 'Look at the new values and plan anew.' });
    },
    isForeign: (change, now) => {
      const [was, is] = [shown.get(keyOf(change)), now[change.truth]?.[change.knob][change.unit]];
      // What is as it was before the plan needs no putting back, whoever did it.
      return isSteady(change) && was !== undefined && is !== undefined && ![was, change.from].some((known) => alike(change.knob, known, is));
    },
  };
};

/**
 * The definition of a guest as it is at this moment with what a plan changes in it: whatever else was changed meanwhile is kept.
 * @param now read with passwords, or defining drops them.
 * @throws Refused `changed-meanwhile` where there is no saved definition any more: defining one would bring back what somebody removed.
 */
export const definedAnew = (changes: readonly Change[], now: Definitions, facts: Facts): Step<'define'> => {
  // What goes by itself with something taken away has no value to be set to.
  const set = changes.filter(({ knob, to }) => settingOf(knob, to) !== null);
  const { saved } = withWanted({ live: null, saved: now.saved }, invert(set.map(reversed)), facts);
  if (saved === null) throw new Refused('changed-meanwhile', 'The saved definition of the guest was removed by someone else meanwhile.', { remedy: 'Look at what there is now and plan anew.' });
  return { kind: 'define', xml: saved.text() };
};
