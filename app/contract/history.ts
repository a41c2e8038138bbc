// What was done, by whom, with what result.
import { wanted } from '../tuning/knobs.ts';
import { change, plan } from '../tuning/plan.ts';
import { ask } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { uuidOf } from './guests.ts';
import { z } from './schema.ts';
import { applied, stepOutcome } from './tuning.ts';

export const entry = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  user: z.string(),
  /** Null where no host was touched, as when a certificate was made. */
  host: z.object({ id: hostIdOf, name: z.string() }).nullable(),
  /** Null where no guest was. */
  guest: z.object({ uuid: z.string(), name: z.string() }).nullable(),
  kind: z.enum(['tuning', 'action', 'undo', 'certificate']),
  title: z.string(),
  /** `interrupted` = begun, and its end not seen yet. */
  outcome: applied.shape.outcome,
  /** `changes`: which of the entry's changes a step makes, by their places. */
  steps: z.array(stepOutcome.extend({ changes: z.array(z.number().int().min(0)).optional() })),
  changes: z.array(change),
  savedBefore: z.string().nullable(),
  savedAfter: z.string().nullable(),
  /** The entry this one undid. */
  undoes: z.string().nullable(),
  /** When the end, which nobody had seen, was told from what the host showed; milliseconds since 1970. */
  judged: z.number().optional(),
});
export type Entry = z.infer<typeof entry>;

export const history = {
  asks: {
    /** Newest first; `before` is the id of the last one already seen. */
    list: ask({ host: hostIdOf.optional(), uuid: uuidOf.optional(), before: z.string().optional(), limit: z.number().int().min(1).max(500).optional() }, z.array(entry)),
    /** The plan that takes an entry back, to be reviewed and applied like any other. */
    undo: ask({ id: z.string().max(64) }, z.object({ host: hostIdOf, uuid: uuidOf, wanted, basis: z.string(), plan })),
  },
  news: {
    changed: z.object({ id: z.string() }),
  },
};
