// Work that takes its time, whoever began it: what is under way, how far it is, and what it came to.
import { ask, done } from './ask.ts';
import { hostIdOf } from './connections.ts';
import { z } from './schema.ts';

export const task = z.object({
  id: z.string(),
  /** `bulk` has more to it in `bulk.runs`, under the same id. */
  kind: z.enum(['bulk', 'save', 'restore', 'setup', 'pages']),
  title: z.string(),
  /** What it is about; null = several of them, or none. */
  host: hostIdOf.nullable(),
  uuid: z.string().nullable(),
  /** Milliseconds since 1970; `ended` null while it goes on. */
  at: z.number(),
  ended: z.number().nullable(),
  /** How it ended; null while it goes on. */
  outcome: z.enum(['done', 'failed', 'cancelled']).nullable(),
  /** How much of how much is done; null where that is not known. */
  progress: z.object({ done: z.number(), total: z.number() }).nullable(),
  /** How far it is, or why it failed; may be empty. */
  words: z.string(),
  /** Whether it can be cancelled at this moment. */
  cancellable: z.boolean(),
});
export type Task = z.infer<typeof task>;

export const tasks = {
  asks: {
    /** What is under way and what ended since the program was started, newest first; of what ended only the last. */
    list: ask({}, z.array(task)),
    /** Stops it as far as it can be stopped; what came of it is in the list. */
    cancel: ask({ id: z.string().max(64) }, done),
  },
  news: {
    /** A task was begun, went on or is over. */
    changed: z.object({ id: z.string(), isOver: z.boolean() }),
  },
};
