// The same for many guests: planning, doing it with progress, taking it back; and restarting guests for what waits.
import { bulkChange } from '../tuning/bulk.ts';
import { wanted } from '../tuning/knobs.ts';
import { change } from '../tuning/change.ts';
import { scopes } from '../tuning/steps.ts';
import { ask, done } from './ask.ts';
import { which } from './guests.ts';
import { refusal } from './refusal.ts';
import { z } from './schema.ts';
import { applied } from './tuning.ts';

/** At most so many guests at once. */
export const mostGuests = 5000;

const many = z.array(z.strictObject(which)).min(1).max(mostGuests);

/** What would be done to one of many: without definitions, which `tuning.plan` gives for the one that is looked at. */
export const plannedGuest = z.discriminatedUnion('outcome', [
  z.object({
    ...which, name: z.string(), outcome: z.literal('planned'),
    wanted, basis: z.string(),
    /** None where all is as it should be already. */
    steps: z.array(z.object({ title: z.string(), virsh: z.string(), scope: z.enum(scopes) })),
    changes: z.array(change),
    /** What is worth knowing before it is done. */
    notes: z.array(z.string()),
  }),
  /** Nothing can be done to it: a rule, an undoing that is not possible any more, or the host's word. */
  z.object({ ...which, name: z.string(), outcome: z.literal('refused'), reasons: z.array(z.string()) }),
]);
export type PlannedGuest = z.infer<typeof plannedGuest>;

/** What became of one guest of a run. `left`: it was not begun, because the run was cancelled or was to stop at the first failure. */
export const runGuest = z.object({
  ...which, name: z.string(),
  state: z.enum(['waiting', 'working', 'done', 'failed', 'left']),
  /** What is done to it at this moment, or what came of it; empty where the rest tells. */
  words: z.string(),
  refusal: refusal.optional(),
  /** What came of applying, and what the host shows that was not wanted. */
  outcome: applied.shape.outcome.optional(),
  unconfirmed: applied.shape.unconfirmed.optional(),
  /** The history entry that holds it; null where there is none. */
  entry: z.string().nullable(),
});
export type RunGuest = z.infer<typeof runGuest>;

/** Work on many guests, at most four of one host at a time. */
export const run = z.object({
  id: z.string(),
  kind: z.enum(['tuning', 'restart']),
  title: z.string(),
  /** Milliseconds since 1970; `ended` null while it goes on. */
  at: z.number(),
  ended: z.number().nullable(),
  cancelled: z.boolean(),
  guests: z.array(runGuest),
});
export type Run = z.infer<typeof run>;

const runId = z.string().max(64);
const title = z.string().trim().min(1).max(200);

export const bulk = {
  asks: {
    /** What these changes come to on each guest, in the order of the guests. */
    plan: ask({ guests: many, changes: z.array(bulkChange).min(1).max(200) }, z.array(plannedGuest)),
    /** Begins to apply plans; answers as soon as it is begun. */
    apply: ask({ title, guests: z.array(z.strictObject({ ...which, wanted, basis: z.string().max(128) })).min(1).max(mostGuests), stopAtFailure: z.boolean() }, run),
    /** Begins to shut guests down and to start each again once it is off. */
    restart: ask({ title, guests: many, stopAtFailure: z.boolean() }, run),
    /** The runs of this program since it was started, newest first; of those that are over only the last. */
    runs: ask({}, z.array(run)),
    /** Begins no further guest; what is begun is brought to its end. */
    cancel: ask({ id: runId }, done),
    /** Plans that take back what a run did. */
    undo: ask({ id: runId }, z.array(plannedGuest)),
    /** Plans for what was wanted of the guests of a run that failed or were left. */
    again: ask({ id: runId }, z.array(plannedGuest)),
  },
  news: {
    /** A run was begun, went on or is over. */
    changed: z.object({ id: z.string() }),
  },
};
