// A plan in numbers and words, for the bar and the review.
import { changeWords } from '../../app/tuning/change.ts';
import type { Plan, PlannedStep } from '../../app/tuning/plan.ts';
import type { Scope } from '../../app/tuning/steps.ts';

export interface Summary {
  /** Settings that move; one that moves in both truths counts once. */
  readonly changes: number;
  readonly now: number;
  readonly atNextStart: number;
  /** `vCPU 7: 7 → 7,23` */
  readonly words: readonly string[];
  readonly errors: readonly string[];
}

export const summaryOf = ({ steps, findings }: Pick<Plan, 'findings'> & { readonly steps: readonly (Pick<PlannedStep, 'changes'> & Partial<Pick<PlannedStep, 'step'>>)[] }): Summary => {
  const settings = new Map<string, { live: boolean; words: string }>();
  for (const { changes, step } of steps) {
    // A text is one change, whichever settings are in it.
    if (step?.kind === 'define' && step.text !== undefined) {
      settings.set('', { live: false, words: `Saved definition: ${step.text.edit}` });
      continue;
    }
    for (const change of changes) {
      const key = `${change.knob}/${change.unit}`;
      const { name, from, to } = changeWords(change);
      const live = change.truth === 'live';
      // What happens now says more than what happens later.
      if (live || !settings.has(key)) settings.set(key, { live: live || (settings.get(key)?.live ?? false), words: `${name}: ${from} → ${to}` });
    }
  }
  const all = [...settings.values()];
  const now = all.filter(({ live }) => live).length;
  return { changes: all.length, now, atNextStart: all.length - now, words: all.map(({ words }) => words), errors: findings.filter(({ level }) => level === 'error').map(({ message }) => message) };
};

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** When a step acts. */
export const scopeWords: Readonly<Record<Scope, string>> = { both: 'now + saved', live: 'now', saved: 'saved · at next start' };
