// The end of an apply that nobody saw, told afterwards by what its host shows. Nothing is put back: time has passed, and a person may undo it.
import type { Entry } from '../../app/contract/history.ts';
import type { Refusal } from '../../app/contract/refusal.ts';
import { shownText } from './definition-text.ts';
import { type Read, shown } from './guest-reading.ts';

type Step = Entry['steps'][number];

/** What can be said of a step of which the host shows this; a step that was known to be done and is not there was taken back. */
const judged = (step: Step, seen: ReturnType<typeof shown>): Step => {
  const { refusal, ...bare } = step;
  const why = (message: string): { readonly refusal: Refusal } => ({ refusal: { code: 'not-confirmed', message } });
  if (seen === 'wanted') return { ...bare, outcome: 'done' };
  if (seen === 'before') return step.outcome === 'done' ? { ...bare, outcome: 'put-back' } : { ...bare, outcome: refusal === undefined ? 'not-reached' : 'failed', ...(refusal === undefined ? {} : { refusal }) };
  return { ...bare, outcome: 'unknown', ...why(seen === 'other' ? 'The host shows neither what was wanted nor what was before.' : 'Nothing is left on the host that shows whether this was done.') };
};

/**
 * An interrupted entry with its end.
 * @param read the guest as it is now; null = it is gone.
 * @param at when it was read, in milliseconds since 1970.
 */
export const judgeEntry = (entry: Entry, read: Read | null, at: number): Entry => {
  const changesOf = ({ changes = [] }: Step): Entry['changes'] => changes.flatMap((place) => entry.changes[place] ?? []);
  const isText = ({ virsh }: Step): boolean => entry.definition === true && virsh.startsWith('virsh define ');
  const seen = (step: Step): ReturnType<typeof shown> => {
    if (read === null) return 'nothing';
    return isText(step) ? shownText(entry.savedBefore, changesOf(step), read) : shown(changesOf(step), read);
  };
  const steps = entry.steps.map((step) => judged(step, seen(step)));
  return { ...entry, steps, outcome: outcomeOf(steps), savedAfter: read === null ? entry.savedAfter : read.reading.savedXml, judged: at };
};

const outcomeOf = (steps: readonly Step[]): Entry['outcome'] => {
  const are = (...outcomes: readonly Step['outcome'][]): boolean => steps.every(({ outcome }) => outcomes.includes(outcome));
  if (are('done')) return 'complete';
  if (are('unknown')) return 'unconfirmed';
  return are('failed', 'not-reached', 'put-back') ? 'put-back' : 'partial';
};
